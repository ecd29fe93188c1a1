import { describe, expect, test } from 'vitest'
import { cellName, decodeCell, decodeRange } from '../../../../agents/spreadsheet/reading/cell-range.ts'
import { checkIntegrity } from '../../../../agents/spreadsheet/reading/integrity.ts'
import { readWorkbook } from '../../../../agents/spreadsheet/reading/workbook-reader.ts'
import { plantedFaults, sampleWorkbook } from '../../../../agents/spreadsheet/sample/sample-workbook.ts'
import type { Cell, Sheet, Workbook } from '../../../../agents/spreadsheet/workbook.ts'
import { independentCount } from '../reading/independent-count.ts'

const opened = (seed?: number): Workbook => {
  const bytes = sampleWorkbook(seed)
  const { workbook } = readWorkbook(bytes, checkIntegrity(bytes))
  if (workbook === null) throw new Error('The sample was blocked.')
  return workbook
}
const workbook = opened()

describe('the sample', () => {
  test('is the same bytes for the same seed, and other numbers for another', () => {
    expect(sampleWorkbook(7)).toEqual(sampleWorkbook(7))
    expect(sampleWorkbook(7)).not.toEqual(sampleWorkbook(8))
  })

  test('is read alike by an independent reader', () => {
    expect(independentCount(sampleWorkbook()).map((sheet) => sheet.name)).toEqual(
      workbook.sheets.map(({ name }) => name),
    )
    expect(workbook.sheets.map((sheet) => sheet.state).at(-1)).toBe('hidden')
  })

  test.each([1, 2, 99])('shows what its sums and differences give (seed %i)', (seed) => {
    let checked = 0
    const book = opened(seed)
    for (const sheet of book.sheets) {
      for (const [name, cell] of cellsOf(sheet)) {
        const value = recomputed(book, sheet, cell.formula ?? '')
        if (value === undefined || faulty(sheet.name, name)) continue
        expect.soft(cell.value, `${sheet.name}!${name}`).toBeCloseTo(value, 9)
        checked++
      }
    }
    expect(checked).toBeGreaterThan(250)
  })
})

describe('each planted fault is where the list says', () => {
  const at = (sheet: string, cell: string): Cell | undefined => {
    const { row, column } = decodeCell(cell) ?? { row: 0, column: 0 }
    return workbook.sheets.find(({ name }) => name === sheet)?.rows[row]?.[column]
  }

  test('one of every kind', () => {
    expect(plantedFaults.map((fault) => fault.kind).toSorted()).toEqual([
      'broken-reference',
      'circular-reference',
      'constant-in-run',
      'formula-break',
      'number-as-text',
      'short-range',
    ])
  })

  test('and no other cell of its row does the same', () => {
    expect([at('Sales', 'F6')?.formula, at('Sales', 'G6')?.formula]).toEqual(['E6*(1+Assumptions!$B$3)', undefined])
    expect([at('Sales', 'G10')?.formula, at('Sales', 'H10')?.formula]).toEqual(['SUM(G4:G9)', 'SUM(H4:H8)'])
    expect([at('Costs', 'G4')?.formula, at('Costs', 'F4')?.formula]).toEqual([
      'Sales!G10*Assumptions!$B$6',
      'Sales!E10*Assumptions!$B$6',
    ])
    expect([at('Costs', 'D8')?.type, at('Costs', 'E8')?.type, at('Costs', 'J8')?.type]).toEqual([
      'number',
      'text',
      'text',
    ])
    expect(at('P&L', 'N10')).toMatchObject({ type: 'error', value: '#REF!', formula: 'N8-#REF!' })
    expect([at('Cash', 'K9')?.formula, at('Cash', 'K10')?.formula]).toEqual(['K10*Assumptions!$B$13', 'K8+K9'])
  })
})

function faulty(sheet: string, cell: string): boolean {
  return plantedFaults.some(
    (fault) => fault.sheet === sheet && fault.cells.includes(cell) && fault.kind !== 'short-range',
  )
}

function* cellsOf(sheet: Sheet): Iterable<readonly [name: string, cell: Cell]> {
  for (const [row, cells] of sheet.rows.entries()) {
    for (const [column, cell] of (cells ?? []).entries()) if (cell !== undefined) yield [cellName(row, column), cell]
  }
}

/** Evaluates sums over a range, and products, sums and differences of cells; nothing else. */
function recomputed(book: Workbook, sheet: Sheet, formula: string): number | undefined {
  const sum = /^SUM\((\w+:\w+)\)$/.exec(formula)?.[1]
  if (sum !== undefined) return sumOf(sheet, sum)
  const numbers: number[] = []
  const plain = formula.replace(
    /(?:(\w+|'[^']+')!)?\$?([A-Z])\$?(\d+)/g,
    (_, other: string | undefined, letter, digits) => {
      const name = other?.replaceAll("'", '')
      const source = name === undefined ? sheet : book.sheets.find((one) => one.name === name)
      numbers.push(source === undefined ? Number.NaN : sumOf(source, `${letter}${digits}`))
      return `#${numbers.length - 1}`
    },
  )
  if (numbers.length === 0 || !/^[#\d+\-*()]+$/.test(plain)) return undefined
  return sumOfTerms(plain, numbers)
}

/** `a*b*(1-c)+d-e` by its terms; parentheses hold one sum. */
function sumOfTerms(text: string, numbers: readonly number[]): number {
  const flat = [...numbers]
  const open = text.replace(/\(([^()]*)\)/g, (_, inner: string) => `#${flat.push(sumOfTerms(inner, numbers)) - 1}`)
  let total = 0
  for (const [, sign, term] of open.matchAll(/([+-]?)([^+-]+)/g)) {
    const factors = (term ?? '')
      .split('*')
      .map((factor) => (factor.startsWith('#') ? flat[Number(factor.slice(1))] : Number(factor)))
    total += (sign === '-' ? -1 : 1) * factors.reduce<number>((product, factor) => product * (factor ?? Number.NaN), 1)
  }
  return total
}

function sumOf(sheet: Sheet, reference: string): number {
  const range = decodeRange(reference)
  let total = 0
  for (let row = range?.top ?? 0; row <= (range?.bottom ?? -1); row++) {
    for (let column = range?.left ?? 0; column <= (range?.right ?? -1); column++) {
      const value = sheet.rows[row]?.[column]?.value
      if (typeof value === 'number') total += value
    }
  }
  return total
}
