import { describe, expect, test } from 'vitest'
import { numberFormatKind } from '../../../../agents/spreadsheet/content/number-format.ts'
import { numericText } from '../../../../agents/spreadsheet/content/numeric-text.ts'
import { personalHeader, personalValue } from '../../../../agents/spreadsheet/content/personal-data.ts'
import { valuePattern } from '../../../../agents/spreadsheet/content/value-pattern.ts'

describe('number formats', () => {
  test.each([
    ['yyyy-mm-dd', 'date'],
    ['d. mmm yy', 'date'],
    ['mmm-yy', 'date'],
    ['m/d/yyyy h:mm', 'date'],
    ['[$-407]dddd, d. mmmm yyyy', 'date'],
    ['h:mm', 'time'],
    ['[h]:mm:ss', 'time'],
    ['0.00%', 'percentage'],
    ['$#,##0.00', 'currency'],
    ['#,##0.00 "€"', 'currency'],
    ['#,##0.00\\ [$€-407]', 'currency'],
    ['_-* #,##0.00\\ "CHF"_-', 'currency'],
    ['0.00E+00', 'number'],
    ['#,##0_);[Red](#,##0)', 'number'],
    ['0" days"', 'number'],
    ['"sum of mdy" 0', 'number'],
    ['@', 'text'],
    ['General', 'general'],
    [undefined, 'general'],
  ])('%s is %s', (format, kind) => {
    expect(numberFormatKind(format)).toBe(kind)
  })
})

describe('texts that read as numbers', () => {
  test.each([
    ['42', 42],
    ['1,234.50', 1234.5],
    ['1.234,50', 1234.5],
    ['1 234,5', 1234.5],
    ['3,14', 3.14],
    ['$ 99', 99],
    ['99 €', 99],
    ['(12.5)', -12.5],
    ['12.5-', -12.5],
    ['-$5', -5],
    ['15%', 0.15],
    [' 7 ', 7],
    ['1e3', 1000],
  ])('%s', (text, value) => {
    expect(numericText(text)).toBe(value)
  })

  test.each(['', 'abc', '007', '12-34', '1,23,4', '2024-01-31', '12345678901234567', '5 kg', '1.2.3', '-', '%', 'Q1'])(
    '%j is none',
    (text) => {
      expect(numericText(text)).toBeNull()
    },
  )
})

describe('patterns', () => {
  test('a number is a date only when its format says so', () => {
    expect(valuePattern({ type: 'number', value: 45292 })).toBe('integer')
    expect(valuePattern({ type: 'number', value: 45292, format: 'dd/mm/yyyy' })).toBe('date')
    expect(valuePattern({ type: 'text', value: '2024-01-31' })).not.toBe('date')
  })

  test.each([
    ['ann@example.org', 'email'],
    ['+49 30 1234567', 'phone'],
    ['(555) 123-4567', 'phone'],
    ['2024-01-31', 'text'],
    ['1.234.567', 'text'],
    ['INV-00123', 'id'],
    ['00042', 'id'],
    ['550e8400-e29b-41d4-a716-446655440000', 'id'],
    ['Blue', 'text'],
    ['not an@address', 'text'],
  ])('%s is %s', (value, pattern) => {
    expect(valuePattern({ type: 'text', value })).toBe(pattern)
  })
})

describe('personal data', () => {
  test('is announced by headers', () => {
    expect(personalHeader('First name')).toBe('name')
    expect(personalHeader('dateOfBirth')).toBe('birth date')
    expect(personalHeader('Product name')).toBeNull()
  })

  test('is proven by check digits', () => {
    expect(personalValue('DE89 3704 0044 0532 0130 00')).toBe('bank account')
    expect(personalValue('DE88 3704 0044 0532 0130 00')).toBeNull()
    expect(personalValue('4111 1111 1111 1111')).toBe('card')
    expect(personalValue('4111 1111 1111 1112')).toBeNull()
  })
})
