import type { Cell } from '../workbook.ts'
import { numberFormatKind } from './number-format.ts'

/** What one value looks like. `number` and `text` are what is left when nothing more special fits. */
export type ValuePattern =
  | 'date'
  | 'time'
  | 'currency'
  | 'percentage'
  | 'integer'
  | 'number'
  | 'email'
  | 'phone'
  | 'id'
  | 'boolean'
  | 'error'
  | 'text'
  | 'empty'

const emailShape = /^[^\s@<>"]{1,64}@[^\s@.<>"]{1,63}(?:\.[^\s@.<>"]{1,63}){1,8}$/
const phoneShape = /^\+?[\d\s().\-/]{7,24}$/
const dateShape = /^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}/
const groupedNumber = /^\d{1,3}(?:[ .]\d{3})+$/
const uuidShape = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i
const codeShape = /^[A-Z]{1,8}[-_/.#]?\d{2,}[A-Z\d]{0,12}(?:[-_/.]\d+)*$/i
const paddedDigits = /^0\d{3,}$/

/** Names the pattern of a cell. A number is a date only when its format says so. */
export function valuePattern(cell: Cell): ValuePattern {
  if (cell.type === 'error' || cell.type === 'boolean' || cell.type === 'empty') return cell.type
  if (typeof cell.value === 'number') return numberPattern(cell.value, cell.format)
  return textPattern(String(cell.value ?? '').trim())
}

function numberPattern(value: number, format: string | undefined): ValuePattern {
  const kind = numberFormatKind(format)
  if (kind === 'date' || kind === 'time' || kind === 'currency' || kind === 'percentage') return kind
  return Number.isInteger(value) ? 'integer' : 'number'
}

function textPattern(text: string): ValuePattern {
  if (text === '') return 'empty'
  if (text.length > 254) return 'text'
  if (emailShape.test(text)) return 'email'
  if (isPhone(text)) return 'phone'
  if (uuidShape.test(text) || paddedDigits.test(text) || codeShape.test(text)) return 'id'
  return 'text'
}

function isPhone(text: string): boolean {
  if (!phoneShape.test(text) || dateShape.test(text) || groupedNumber.test(text)) return false
  const digits = text.replace(/\D/g, '').length
  if (digits < 7 || digits > 15) return false
  return text.startsWith('+') || /^\(?0?\d{1,5}\)?[\s\-/.].*\d/.test(text)
}
