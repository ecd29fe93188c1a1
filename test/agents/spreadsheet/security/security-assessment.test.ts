import { describe, expect, test } from 'vitest'
import { checkIntegrity } from '../../../../agents/spreadsheet/reading/integrity.ts'
import { readWorkbook } from '../../../../agents/spreadsheet/reading/workbook-reader.ts'
import {
  assessSecurity,
  type FunctionCells,
  type SecurityAssessment,
} from '../../../../agents/spreadsheet/security/security-assessment.ts'
import {
  isAbove,
  LEVELS,
  type Threat,
  threatLevel,
  threatScore,
} from '../../../../agents/spreadsheet/security/threat.ts'
import { builtPackage, relationsXml, sheetXml, workbookXml } from '../reading/built-package.ts'
import { builtMacros } from './built-macros.ts'

const SHEET = 'xl/worksheets/sheet1.xml'

describe('each thing has the severity the specification gives it', () => {
  test('a plain workbook has no threats and the lowest level', () => {
    expect(assess({})).toEqual({ score: 0, level: 'LOW', threats: [] })
  })

  test.each([
    ['macros', 7, { 'xl/vbaProject.bin': builtMacros('Function Twice(x)\r\nTwice = x * 2\r\nEnd Function') }],
    ['macros', 8, { 'xl/vbaProject.bin': builtMacros('x = 1', 1_100_000) }],
    ['macros', 9, { 'xl/vbaProject.bin': builtMacros('Sub Auto_Open()\r\nEnd Sub') }],
    ['macros', 7, { 'xl/vbaProject.bin': new Uint8Array(2000) }],
    ['externalLink', 5, { 'xl/externalLinks/externalLink1.xml': '<externalLink/>' }],
    ['embedding', 6, { 'xl/embeddings/oleObject1.bin': new Uint8Array(9) }],
    ['activeX', 8, { 'xl/activeX/activeX1.xml': '<ocx/>', 'xl/activeX/activeX1.bin': new Uint8Array(9) }],
    ['connection', 5, { 'xl/connections.xml': '<connections><connection id="1" name="Sales"/></connections>' }],
    ['queryTable', 5, { 'xl/queryTables/queryTable1.xml': '<queryTable/>' }],
  ])('%s: %i', (kind, severity, parts) => {
    expect(assess(parts).threats.map((threat) => [threat.kind, threat.severity])).toEqual([[kind, severity]])
  })

  test.each([
    ['https://example.com/a', 'web'],
    ['file:///C:/secret.txt', 'file'],
    ['C:\\secret.txt', 'file'],
    ['\\\\server\\share\\x', 'UNC'],
    ['file:///\\\\server\\share\\x', 'UNC'],
  ])('an external target %s is a way out to the %s', (target, what) => {
    const { threats } = assess({
      'xl/worksheets/_rels/sheet1.xml.rels': relationsXml([['a', 'hyperlink', `!${target}`]]),
    })
    expect(threats).toMatchObject([{ kind: 'externalTarget', severity: 6, where: SHEET }])
    expect(threats[0]?.message).toContain(`a ${what} target: ${target}`)
  })

  test('a workbook beside this one and an e-mail address are no way out', () => {
    const targets = [
      ['a', 'hyperlink', '!mailto:a@b.c'],
      ['b', 'externalLinkPath', '!other.xlsx'],
    ] as const
    expect(assess({ 'xl/worksheets/_rels/sheet1.xml.rels': relationsXml(targets) }).threats).toEqual([])
  })

  test('hidden sheets', () => {
    const { threats } = assess({
      'xl/workbook.xml': workbookXml(
        '<sheet name="A" state="hidden" r:id="rId1"/><sheet name="B" state="veryHidden" r:id="rId2"/>',
      ),
      'xl/_rels/workbook.xml.rels': relationsXml([
        ['rId1', 'worksheet', 'worksheets/sheet1.xml'],
        ['rId2', 'worksheet', 'b.xml'],
      ]),
      'xl/b.xml': sheetXml(''),
    })
    expect(threats.map(({ kind, severity, where }) => [kind, severity, where])).toEqual([
      ['hiddenSheet', 3, 'A'],
      ['veryHiddenSheet', 5, 'B'],
    ])
  })

  test('functions, by what the parser found and not by how a text looks', () => {
    const functions: FunctionCells = new Map([
      ['SUM', [{ sheet: 'One', cell: 'A1' }]],
      [
        'WEBSERVICE',
        [
          { sheet: 'One', cell: 'B2' },
          { sheet: 'One', cell: 'B3' },
        ],
      ],
    ])
    const rows = '<row><c t="str"><f>"HYPERLINK("&amp;1</f><v>HYPERLINK(</v></c></row>'
    expect(assess({ [SHEET]: sheetXml(rows) }, functions).threats).toEqual([
      { kind: 'dangerousFunction', severity: 6, where: 'One!B2', message: 'WEBSERVICE is called in 2 cells.' },
    ])
  })
})

describe('score and level', () => {
  const threats = (...severities: readonly number[]): readonly Threat[] =>
    severities.map((severity) => ({ kind: 'embedding', severity, where: '', message: '' }))

  test.each([
    [[], 0, 'LOW'],
    [[3], 5, 'LOW'],
    [[3, 3, 3, 3, 3, 3, 3, 3], 40, 'MEDIUM'],
    [[5], 7, 'MEDIUM'],
    [[6, 6, 6, 6, 6, 6, 6], 56, 'MEDIUM'],
    [[6, 6, 6, 6, 6, 6, 6, 6], 64, 'HIGH'],
    [[7], 9, 'HIGH'],
    [[6, 6, 6, 6, 6, 6, 6, 6, 6, 6], 80, 'CRITICAL'],
    [[9], 11, 'CRITICAL'],
    [Array.from({ length: 40 }, () => 3), 100, 'CRITICAL'],
  ])('%j is %i, %s', (severities, score, level) => {
    expect(threatScore(threats(...severities))).toBe(score)
    expect(threatLevel(threats(...severities))).toBe(level)
  })

  test('levels are ordered for a gate', () => {
    expect(LEVELS).toEqual(['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'])
    expect(isAbove('HIGH', 'MEDIUM')).toBe(true)
    expect(isAbove('MEDIUM', 'MEDIUM')).toBe(false)
    expect(isAbove('LOW', 'MEDIUM')).toBe(false)
  })
})

function assess(
  parts: Readonly<Record<string, string | Uint8Array>>,
  functions: FunctionCells = new Map(),
): SecurityAssessment {
  const bytes = builtPackage('', parts)
  const result = readWorkbook(bytes, checkIntegrity(bytes))
  if (result.blocked !== null) throw new Error(result.blocked.reason)
  return assessSecurity(result.workbook, result.parts, functions)
}
