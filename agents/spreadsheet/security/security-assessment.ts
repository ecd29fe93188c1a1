import type { WorkbookParts } from '../reading/workbook-parts.ts'
import type { Workbook } from '../workbook.ts'
import { type MacroProject, readMacroProjects } from './macro-source.ts'
import { macroAbilities } from './macro-words.ts'
import { packageThreats } from './package-threats.ts'
import { type SecurityLevel, type Threat, threatLevel, threatScore } from './threat.ts'

/** What a workbook could do to the one who opens it. A report, not a gate. */
export interface SecurityAssessment {
  readonly score: number
  readonly level: SecurityLevel
  readonly threats: readonly Threat[]
}

/** Where parsed formulas call each function, by its plain name in capitals. */
export type FunctionCells = ReadonlyMap<string, readonly { readonly sheet: string; readonly cell: string }[]>

/** Functions that reach out of the workbook or run something, in sheets and in old macro sheets. */
const DANGEROUS: ReadonlySet<string> = new Set(
  (
    'HYPERLINK WEBSERVICE FILTERXML IMAGE RTD DDE SQL.REQUEST CALL REGISTER REGISTER.ID EXEC EXECUTE INITIATE POKE ' +
    'REQUEST FOPEN FREAD FREADLN FWRITE FWRITELN FILE.DELETE DIRECTORIES FILES'
  ).split(' '),
)

const MEBIBYTE = 1024 * 1024

/** Lists the threats of a workbook and scores them. */
export function assessSecurity(workbook: Workbook, parts: WorkbookParts, functions: FunctionCells): SecurityAssessment {
  const threats = [
    ...readMacroProjects(parts).map(macroThreat),
    ...packageThreats(parts),
    ...sheetThreats(workbook),
    ...functionThreats(functions),
  ]
  return { score: threatScore(threats), level: threatLevel(threats), threats }
}

function macroThreat({ part, size, source, complete }: MacroProject): Threat {
  const abilities = macroAbilities(source)
  const severity = abilities.length > 0 ? 9 : size > MEBIBYTE ? 8 : 7
  const gap = complete ? '' : ' Not all of its source could be unpacked.'
  const does = abilities.length > 0 ? `: it ${abilities.join(', ')}` : ''
  return { kind: 'macros', severity, where: part, message: `The workbook carries macros (${size} bytes)${does}.${gap}` }
}

function sheetThreats({ sheets }: Workbook): readonly Threat[] {
  return sheets.flatMap(({ name, kind, state }) => {
    const threats: Threat[] = []
    if (kind === 'macrosheet') {
      threats.push({ kind: 'macroSheet', severity: 7, where: name, message: 'An Excel 4.0 macro sheet can run code.' })
    }
    if (state === 'hidden') {
      threats.push({ kind: 'hiddenSheet', severity: 3, where: name, message: `The sheet ${name} is hidden.` })
    }
    if (state === 'veryHidden') {
      const message = `The sheet ${name} is hidden so that no menu shows it.`
      threats.push({ kind: 'veryHiddenSheet', severity: 5, where: name, message })
    }
    return threats
  })
}

function functionThreats(functions: FunctionCells): readonly Threat[] {
  return [...functions].flatMap(([name, cells]): readonly Threat[] => {
    const first = cells[0]
    if (first === undefined || !DANGEROUS.has(name.toUpperCase())) return []
    const message = `${name.toUpperCase()} is called in ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}.`
    return [{ kind: 'dangerousFunction', severity: 6, where: `${first.sheet}!${first.cell}`, message }]
  })
}
