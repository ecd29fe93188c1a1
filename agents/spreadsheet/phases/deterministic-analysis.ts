import { profileContent, type SheetContent } from '../content/content-profile.ts'
import { detect } from '../findings/detect.ts'
import type { ArchiveLimits } from '../reading/archive-limits.ts'
import type { IntegrityReport } from '../reading/integrity.ts'
import { describeStructure } from '../reading/structure.ts'
import { assessSecurity, type SecurityAssessment } from '../security/security-assessment.ts'
import { isAbove, type SecurityLevel } from '../security/threat.ts'
import { chartEdges } from './chart-edges.ts'
import { externalFacts, formulaFacts, functionCells, nameFacts } from './formula-facts.ts'
import { digestLength, digestSheet } from './sheet-digest.ts'
import { sheetFacts } from './sheet-facts.ts'
import type { WorkbookFacts } from './workbook-facts.ts'
import { type OpenedWorkbook, openWorkbook, type WorkbookModel } from './workbook-model.ts'

/** What the analysis may be told. */
export interface DeterministicOptions {
  readonly limits?: Partial<ArchiveLimits>
  /** Blocks a workbook whose security level is worse than this one. */
  readonly blockAbove?: SecurityLevel
}

/** Why a file is not analysed further. */
export interface Block {
  readonly code: string
  readonly reason: string
  readonly hint: string
}

/** The result of the first phase, as plain data: facts, or the reason why there are none. */
export type DeterministicAnalysis =
  | {
      readonly blocked: null
      readonly integrity: IntegrityReport
      readonly security: SecurityAssessment
      readonly facts: WorkbookFacts
    }
  | {
      readonly blocked: Block
      readonly integrity: IntegrityReport
      readonly security: SecurityAssessment | null
      readonly facts: null
    }

const mostNames = 500

/** What is listed by sheet gets shorter as sheets get more, so that the facts of a thousand sheets still travel. */
const shared = { columns: 1_000, leastColumns: 10, digests: 400_000, leastDigest: 2_000 }

/** Checks, counts, parses and audits a file. No model, no clock, no chance: the same bytes give the same facts. */
export async function analyzeDeterministically(
  bytes: Uint8Array,
  options: DeterministicOptions = {},
): Promise<DeterministicAnalysis> {
  return analyzeModel(await openWorkbook(bytes, options.limits), options)
}

/** The same for a workbook that is open already. */
export function analyzeModel(opened: OpenedWorkbook, options: DeterministicOptions = {}): DeterministicAnalysis {
  const { blocked, integrity, model } = opened
  if (blocked !== null) return { blocked, integrity, security: null, facts: null }
  const security = assessSecurity(model.workbook, model.parts, functionCells(model))
  if (options.blockAbove !== undefined && isAbove(security.level, options.blockAbove)) {
    return { blocked: securityBlock(security.level, options.blockAbove), integrity, security, facts: null }
  }
  return { blocked: null, integrity, security, facts: gatherFacts(model, integrity) }
}

function securityBlock(level: SecurityLevel, threshold: SecurityLevel): Block {
  return {
    code: 'SECURITY',
    reason: `The security level of the workbook is ${level}; files above ${threshold} are blocked.`,
    hint: 'Look at its threats, then analyse it with a higher threshold or none.',
  }
}

function gatherFacts(model: WorkbookModel, { size, trustTier }: IntegrityReport): WorkbookFacts {
  const { workbook, index, graph } = model
  const structure = describeStructure(workbook, new Set(index.names.keys()))
  const sheets = sheetFacts(structure, index)
  const count = Math.max(1, sheets.length)
  const columns = Math.max(shared.leastColumns, Math.min(200, Math.floor(shared.columns / count)))
  const length = Math.max(shared.leastDigest, Math.min(digestLength, Math.floor(shared.digests / count)))
  const content = workbook.sheets.map((sheet) => profileContent(sheet, columns))
  const { findings, omitted } = detect(model)
  const names = nameFacts(model)
  const charts = chartEdges(workbook, model.names)
  const edges = [...graph.sheetEdges, ...charts]
  return {
    sha256: workbook.sha256,
    format: workbook.format,
    size,
    trustTier,
    vba: workbook.vba,
    date1904: workbook.date1904,
    calculation: workbook.calculation,
    totals: {
      ...structure.totals,
      uniqueFormulas: index.uniques.length,
      definedNames: structure.names.total,
      externalLinks: workbook.externalLinks.length,
      volatile: graph.volatile.length,
      crossSheetReferences: graph.sheetEdges.reduce((sum, edge) => sum + edge.references, 0),
      circular: graph.circular.length,
      longestChain: graph.longestChain.length,
    },
    sheets,
    formulas: formulaFacts(model),
    names: names.slice(0, mostNames),
    omittedNames: Math.max(0, names.length - mostNames),
    edges: graph.sheetEdges,
    chartEdges: charts,
    externals: externalFacts(model),
    content,
    findings,
    omittedFindings: omitted,
    digests: sheets.map((sheet, at) =>
      digestSheet(model, { facts: sheet, content: content[at] as SheetContent, findings, edges }, length),
    ),
  }
}
