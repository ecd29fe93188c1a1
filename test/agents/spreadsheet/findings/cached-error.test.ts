import { describe, expect, test } from 'vitest'
import { detect } from '../../../../agents/spreadsheet/findings/detect.ts'
import { workbookOf } from '../workbook-builder.ts'
import { auditedOf, auditOf } from './audit-of.ts'

describe('cached errors', () => {
  test('every cell with an error is in the range of a finding', async () => {
    const sheets = {
      Data: { A1: '#REF!', C3: { formula: 'A9/0', cached: '#DIV/0!' }, C4: { formula: 'A10/0', cached: '#DIV/0!' } },
    }
    const ranges = (await auditOf('cached-error', sheets)).map((finding) => finding.range)
    expect(ranges).toEqual(['A1', 'C3:C4'])
  })

  test('a cell that only passes an error on names its source and weighs less', async () => {
    const sheets = {
      Data: { A1: { formula: '1/0', cached: '#DIV/0!' }, B1: { formula: 'A1+1', cached: '#DIV/0!' } },
      Other: { A1: { formula: 'SUM(Data!A1:A9)', cached: '#DIV/0!' } },
    }
    const inherited = await auditOf('inherited-error', sheets)
    expect(inherited.map(({ sheet, range, severity, evidence }) => [sheet, range, severity, evidence.from])).toEqual([
      ['Data', 'B1', 'low', 'A1'],
      ['Other', 'A1', 'low', 'Data!A1'],
    ])
    expect((await auditOf('cached-error', sheets)).map((finding) => finding.range)).toEqual(['A1'])
  })

  test('errors on hidden sheets are found and said to be hidden', async () => {
    const built = workbookOf({ Secret: { B2: { formula: '#REF!+1', cached: '#REF!' } } })
    const workbook = { ...built, sheets: built.sheets.map((sheet) => ({ ...sheet, state: 'veryHidden' as const })) }
    const { findings } = detect(await auditedOf(workbook))
    const [error] = findings.filter((finding) => finding.kind === 'cached-error')
    expect(error?.severity).toBe('high')
    expect(error?.message).toContain('deleted')
    expect(error?.message).toContain('hidden')
  })

  test('a lookup that found nothing weighs less than a broken reference', async () => {
    const sheets = { Data: { A1: { formula: 'NA()', cached: '#N/A' } } }
    expect((await auditOf('cached-error', sheets))[0]?.severity).toBe('medium')
  })

  test('a workbook without errors has no such finding', async () => {
    expect(await auditOf('cached-error', { Data: { A1: 1, B1: { formula: 'A1+1', cached: 2 } } })).toEqual([])
  })
})

describe('broken references', () => {
  test('a deleted reference behind IFERROR is found although no error shows', async () => {
    const found = await auditOf('broken-reference', { Data: { A1: { formula: 'IFERROR(#REF!,0)', cached: 0 } } })
    expect(found.map((finding) => finding.range)).toEqual(['A1'])
  })

  test('names that lead nowhere are one finding for the workbook', async () => {
    const extras = { names: { Gone: '#REF!', Lost: 'Data!#REF!', Fine: 'Data!$A$1' } }
    const [found, ...more] = await auditOf('broken-reference', { Data: { A1: 1 } }, extras)
    expect(more).toEqual([])
    expect(found?.sheet).toBeNull()
    expect(found?.evidence.names).toEqual(['Gone', 'Lost'])
  })
})
