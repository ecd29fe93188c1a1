import { describe, expect, test } from 'vitest'
import { analyzeWorkbook } from '../../../../agents/spreadsheet/phases/analyze-workbook.ts'
import { markdownTable } from '../../../../agents/spreadsheet/report/markdown-table.ts'
import {
  groupedNumber,
  markdownCode,
  markdownSentence,
  markdownText,
} from '../../../../agents/spreadsheet/report/markdown-text.ts'
import { builtPackage } from '../reading/built-package.ts'
import { sampleWorkbook } from '../../../../agents/spreadsheet/sample/sample-workbook.ts'

describe('texts of the workbook in Markdown', () => {
  test.each([
    ['a|b', 'a\\|b'],
    ['line\nbreak', 'line break'],
    ['`code`', '\\`code\\`'],
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['**bold** _it_', '\\*\\*bold\\*\\* \\_it\\_'],
    ['[x](http://evil)', '\\[x\\](http\\://evil)'],
    ['# Heading', '\\# Heading'],
    ['1. item', '1\\. item'],
    ['P&L', 'P&L'],
    ['&lt;b&gt;', '&amp;lt;b&amp;gt;'],
    ['abc\u202edef', 'abc def'],
    ['back\\slash', 'back\\\\slash'],
    ['a\u2066b\u2069\u200e\u200fc\u2028d\u2029e', 'a b c d e'],
    ['\u202e', '(U+202E)'],
    ['\u2066\u200f\u2028\u2029\u3164', '(U+2066 U+200F U+2028 U+2029)'],
    [' ', '(U+0020)'],
    ['', ''],
  ])('%j becomes %j', (text, escaped) => {
    expect(markdownText(text)).toBe(escaped)
  })

  test('code keeps its backticks inside', () => {
    expect(markdownCode('=A1')).toBe('`=A1`')
    expect(markdownCode('a`b')).toBe('`` a`b ``')
    expect(markdownCode('a|b')).toBe('`a\\|b`')
  })

  test('the formulas of a sentence stand as code', () => {
    expect(markdownSentence('C3 holds =A3*B2 where =A3*B3 is due.', ['=A3*B2', '=A3*B3'])).toBe(
      'C3 holds `=A3*B2` where `=A3*B3` is due.',
    )
  })

  test('numbers have their thousands apart', () => {
    expect([0, 999, 1000, -1234567.5, 1e21].map(groupedNumber)).toEqual(['0', '999', '1,000', '-1,234,567.5', '1e+21'])
  })

  test('tables line up', () => {
    const table = markdownTable(
      [{ title: 'Name' }, { title: 'N', right: true }],
      [
        ['Ann', '1'],
        ['Bartholomew', '1,000'],
      ],
    )
    expect(table).toBe(
      ['| Name        |     N |', '| ----------- | ----: |', '| Ann         |     1 |', '| Bartholomew | 1,000 |'].join(
        '\n',
      ),
    )
  })
})

describe('the report', () => {
  test('of the sample reads as it should', async () => {
    const { report } = await analyzeWorkbook(sampleWorkbook(), { title: 'budget.xlsx' })
    await expect(report).toMatchFileSnapshot('sample-report.md')
  })

  test('says that it was written without a model', async () => {
    const { report } = await analyzeWorkbook(sampleWorkbook())
    expect(report).toContain('This report was written without a model.')
  })

  test('keeps one line a row in every table', async () => {
    const { report } = await analyzeWorkbook(sampleWorkbook())
    const rows = report.split('\n').filter((line) => line.startsWith('|'))
    expect(rows.length).toBeGreaterThan(30)
    expect(rows.filter((line) => !line.endsWith('|'))).toEqual([])
  })

  test('leaves out costs and validation when there is nothing to say in them', async () => {
    const { report } = await analyzeWorkbook(sampleWorkbook())
    expect(report.match(/^## .*/gm)).toEqual([
      '## Summary',
      '## Workbook',
      '## Security',
      '## Findings',
      '## Relationships',
      '## Limits',
    ])
  })

  test('shows the formula of an array in its braces', async () => {
    const rows =
      '<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f t="array" ref="B1">SUM(A1:A2*A1:A2*1.19)</f><v>5.95</v></c></row>' +
      '<row r="2"><c r="A2"><v>2</v></c></row>'
    const { report, rejectedClaims } = await analyzeWorkbook(builtPackage(rows))
    expect(report).toContain('B1 holds `{=SUM(A1:A2*A1:A2*1.19)}`.')
    expect(rejectedClaims).toEqual([])
  })

  test('lists every place of a finding that gathers several, and says how many are left out', async () => {
    const cell = (column: string, row: number) =>
      `<c r="${column}${row}"><f>A${row}*1.19+${row}</f><v>${1.19 + row}</v></c>`
    const rowsOf = (count: number) =>
      Array.from({ length: count }, (_, at) => 2 * at + 1)
        .map((row) => `<row r="${row}"><c r="A${row}"><v>1</v></c>${cell('C', row)}</row>`)
        .join('')
    const few = await analyzeWorkbook(builtPackage(rowsOf(3)))
    expect(few.report).toMatch(/\| C1, C3, C5 +\| The number 1.19 is written into 3 formulas.* C1 holds `=A1\*1.19\+1`/)
    const many = await analyzeWorkbook(builtPackage(rowsOf(50)))
    expect(many.report).toMatch(/\| C1, C3, .*, C79 and 10 more \| The number 1.19 is written into 50 formulas/)
  })

  test('samples the statements written by rule and counts the rest', async () => {
    const { report } = await analyzeWorkbook(sampleWorkbook())
    const [, profit = ''] = report.split('### P&L')
    expect(profit.match(/^- .*/gm)?.slice(0, 5).at(-1)).toBe('- and 3 more, 2 of them told in the findings above.')
  })
})
