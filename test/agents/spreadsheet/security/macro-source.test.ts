import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkIntegrity } from '../../../../agents/spreadsheet/reading/integrity.ts'
import { readWorkbook } from '../../../../agents/spreadsheet/reading/workbook-reader.ts'
import { unpackMacroText } from '../../../../agents/spreadsheet/security/macro-compression.ts'
import { readMacroProjects } from '../../../../agents/spreadsheet/security/macro-source.ts'
import { macroAbilities } from '../../../../agents/spreadsheet/security/macro-words.ts'

const projectsOf = (name: string): ReturnType<typeof readMacroProjects> => {
  const bytes = readFileSync(new URL(`../../../fixtures/workbooks/${name}`, import.meta.url))
  const { parts } = readWorkbook(bytes, checkIntegrity(bytes))
  return parts === null ? [] : readMacroProjects(parts)
}

describe('the source of macros is unpacked', () => {
  test('the example of the format specification', () => {
    const packed =
      '01 2f b0 00 23 61 61 61 62 63 64 65 82 66 00 70 61 67 68 69 6a 01 38 08 61 6b 6c 00 30 6d 6e 6f 70 06 71 02 70 04 10 72 73 74 75 76 10 77 78 79 7a 00 3c'
    const text = unpackMacroText(Buffer.from(packed.replaceAll(' ', ''), 'hex'), 0)
    expect(text?.toString('latin1')).toBe('#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa')
  })

  test.each(['BlankSheetTypes.xlsm', 'comments_stress_test.xlsb', 'comments_stress_test.xls'])('%s', (name) => {
    const [project] = projectsOf(name)
    expect(project).toMatchObject({ complete: true })
    expect(project?.source).toContain('Attribute VB_Name = "ThisWorkbook"')
  })

  test('the same macros in both containers are the same text', () => {
    const [packed, stored] = [projectsOf('comments_stress_test.xlsb')[0], projectsOf('comments_stress_test.xls')[0]]
    expect(packed?.source).toContain('Comment = c.Comment.Text')
    expect(stored?.source).toContain('Comment = c.Comment.Text')
  })

  test('damaged data ends early and never throws', () => {
    expect(unpackMacroText(Buffer.from('01ffffffff', 'hex'), 0)?.length).toBeLessThan(20)
    expect(unpackMacroText(Buffer.from('02', 'hex'), 0)).toBeNull()
    expect(unpackMacroText(Buffer.alloc(0), 5)).toBeNull()
  })
})

describe('macros are judged by their words', () => {
  test.each([
    ['Private Sub Workbook_Open()', 'runs by itself'],
    ['Sub Auto_Open()', 'runs by itself'],
    ['x = Shell("calc.exe", 1)', 'starts programs'],
    ['Set s = CreateObject("WScript.Shell")', 'starts programs'],
    ['Open path For Output As #1', 'touches files'],
    ['CreateObject("Scripting.FileSystemObject")', 'touches files'],
    ['CreateObject("MSXML2.XMLHTTP")', 'uses the network'],
    ['s.RegWrite "HKCU\\x", 1', 'uses the registry'],
  ])('%s', (source, ability) => {
    expect(macroAbilities(`Sub x()\r\n${source}\r\nEnd Sub`)).toContain(ability)
  })

  test.each([
    "' Shell is not used here",
    'Rem Workbook_Open',
    'Seashell = 1',
    'Range("A1").Value = "O\'Neill"',
    'shelled = opened',
  ])('but not by comments or parts of words: %s', (source) => {
    expect(macroAbilities(source)).toEqual([])
  })
})
