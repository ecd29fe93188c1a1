import { translateFormulaToR1C1 } from '@borgar/fx/xlsx'
import { formatCell, maxColumns, maxRows } from './cell-reference.ts'

/**
 * Formulas that were copied have different A1 texts and one R1C1 text, so this translation runs for every cell of a
 * workbook, and everything dearer only for each distinct result. Hence one pass over the characters, without tokens.
 */

const quote = 34
const apostrophe = 39
const parenthesis = 40
const dollar = 36
const hash = 35
const colon = 58
const bang = 33
const bracket = 91

const isLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
const isDigit = (code: number): boolean => code >= 48 && code <= 57
const isWord = (code: number): boolean =>
  isLetter(code) ||
  isDigit(code) ||
  code === dollar ||
  code === 46 ||
  code === 92 ||
  code === 95 ||
  code === 63 ||
  code > 127

/** The R1C1 form of an A1 formula (without its `=`) in the cell at `row`, `column`. */
export const toR1C1 = (formula: string, row: number, column: number): string => {
  const length = formula.length
  let out = ''
  let copied = 0
  let at = 0
  while (at < length) {
    const code = formula.charCodeAt(at)
    if (code === quote || code === apostrophe) {
      at = endOfQuoted(formula, at, code)
    } else if (code === bracket) {
      at = endOfBracket(formula, at)
    } else if (code === hash && isLetter(formula.charCodeAt(at + 1))) {
      at += 1
      while (at < length && /[\w/]/.test(formula.charAt(at))) at += 1
    } else if (isWord(code)) {
      const start = at
      while (at < length && isWord(formula.charCodeAt(at))) at += 1
      // The trimming operators `.:` and `:.` are glued to the reference: rare enough to leave them to the tokenizer.
      if (
        formula.charCodeAt(at) === colon &&
        (formula.charCodeAt(at - 1) === 46 || formula.charCodeAt(at + 1) === 46)
      ) {
        return translateFormulaToR1C1(formula, formatCell(row, column))
      }
      const next = formula.charCodeAt(at)
      if (next === parenthesis || next === bang || next === bracket) continue
      let piece = cellPiece(formula, start, at, row, column)
      if (next === colon) {
        let end = at + 1
        while (end < length && isWord(formula.charCodeAt(end))) end += 1
        if (formula.charCodeAt(end) === bang) {
          at = end
          continue
        }
        if (piece === null) {
          piece = beamPiece(formula.slice(start, at), formula.slice(at + 1, end), row, column)
          if (piece !== null) at = end
        }
      }
      if (piece === null) continue
      out += formula.slice(copied, start) + piece
      copied = at
    } else {
      at += 1
    }
  }
  return copied === 0 ? formula : out + formula.slice(copied)
}

const endOfQuoted = (formula: string, start: number, mark: number): number => {
  for (let at = start + 1; at < formula.length; at += 1) {
    if (formula.charCodeAt(at) !== mark) continue
    if (formula.charCodeAt(at + 1) !== mark) return at + 1
    at += 1
  }
  return formula.length
}

const endOfBracket = (formula: string, start: number): number => {
  let depth = 0
  for (let at = start; at < formula.length; at += 1) {
    const code = formula.charCodeAt(at)
    if (code === apostrophe) at += 1
    else if (code === bracket) depth += 1
    else if (code === 93) {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return formula.length
}

const rowPiece = (fixed: boolean, target: number, row: number): string => {
  if (fixed) return `R${target + 1}`
  return target === row ? 'R' : `R[${target - row}]`
}

const columnPiece = (fixed: boolean, target: number, column: number): string => {
  if (fixed) return `C${target + 1}`
  return target === column ? 'C' : `C[${target - column}]`
}

const cellPiece = (formula: string, start: number, end: number, row: number, column: number): string | null => {
  let at = start
  const columnFixed = formula.charCodeAt(at) === dollar
  if (columnFixed) at += 1
  const letters = at
  let targetColumn = 0
  while (at < end && isLetter(formula.charCodeAt(at))) {
    targetColumn = targetColumn * 26 + ((formula.charCodeAt(at) | 32) - 96)
    at += 1
  }
  if (at === letters || at - letters > 3 || targetColumn > maxColumns) return null
  const rowFixed = formula.charCodeAt(at) === dollar
  if (rowFixed) at += 1
  const digits = at
  let targetRow = 0
  while (at < end && isDigit(formula.charCodeAt(at))) {
    targetRow = targetRow * 10 + formula.charCodeAt(at) - 48
    at += 1
  }
  if (at !== end || at === digits || formula.charCodeAt(digits) === 48 || targetRow > maxRows) return null
  return rowPiece(rowFixed, targetRow - 1, row) + columnPiece(columnFixed, targetColumn - 1, column)
}

/** Whole columns (`A:C`) and whole rows (`2:5`). */
const beamPiece = (from: string, to: string, row: number, column: number): string | null => {
  const columns = /^\$?[A-Za-z]{1,3}$/
  if (columns.test(from) && columns.test(to)) {
    const first = cellPiece(`${from}1`, 0, from.length + 1, row, column)
    const last = cellPiece(`${to}1`, 0, to.length + 1, row, column)
    if (first === null || last === null) return null
    const left = first.slice(first.indexOf('C'))
    const right = last.slice(last.indexOf('C'))
    return left === right ? left : `${left}:${right}`
  }
  const rows = /^\$?[1-9]\d{0,6}$/
  if (!rows.test(from) || !rows.test(to)) return null
  const first = cellPiece(`A${from}`, 0, from.length + 1, row, 0)
  const last = cellPiece(`A${to}`, 0, to.length + 1, row, 0)
  if (first === null || last === null) return null
  const top = first.slice(0, first.indexOf('C'))
  const bottom = last.slice(0, last.indexOf('C'))
  return top === bottom ? top : `${top}:${bottom}`
}
