import type { SheetContent, TableProfile } from '../content/content-profile.ts'
import type { Finding } from '../findings/finding.ts'
import { shortText } from '../findings/formula-place.ts'
import { columnName, formatCell, parseRange } from '../formulas/cell-reference.ts'
import type { SheetEdge } from '../formulas/sheet-edges.ts'
import type { Sheet } from '../workbook.ts'
import { type DigestFormula, type DigestTotal, formulaDigest, totalDigest } from './formula-digest.ts'
import type { SheetFacts } from './sheet-facts.ts'
import type { WorkbookModel } from './workbook-model.ts'

/** A table as a digest shows it. */
export interface DigestTable {
  readonly name: string | null
  readonly range: string
  readonly rows: number
  readonly columns: readonly {
    readonly column: string
    readonly header: string
    readonly type: string
    readonly pattern: string
    readonly completeness: number
    readonly personal: string | null
  }[]
}

/** A cell shown as an example. Values of columns with personal data are not among them. */
export interface DigestSample {
  readonly cell: string
  readonly value: string | number | boolean | null
}

/** All that an agent is told about its sheet: bounded in size, whatever the size of the sheet. */
export interface SheetDigest {
  readonly facts: SheetFacts
  readonly tables: readonly DigestTable[]
  readonly formulas: readonly DigestFormula[]
  readonly totals: readonly DigestTotal[]
  readonly findings: readonly Pick<Finding, 'id' | 'kind' | 'severity' | 'range' | 'message'>[]
  /** Cells that show an error of their own. */
  readonly errors: readonly { readonly cell: string; readonly error: string }[]
  readonly samples: readonly DigestSample[]
  /** Sheets that formulas and charts here read, and sheets whose formulas and charts read this one, with the number of references. */
  readonly reads: readonly { readonly sheet: string; readonly references: number }[]
  readonly readBy: readonly { readonly sheet: string; readonly references: number }[]
  readonly personalData: readonly string[]
  /** How many entries the limits left out of each list. */
  readonly omitted: Readonly<Record<'tables' | 'columns' | 'formulas' | 'totals' | 'findings' | 'samples', number>>
}

const limits = {
  tables: 8,
  columns: 20,
  formulas: 30,
  totals: 20,
  findings: 40,
  errors: 10,
  sampleRows: 4,
  samples: 40,
  links: 20,
}

/** The longest a digest is as JSON, in characters, unless a caller asks for less. */
export const digestLength = 24_000

/** What the deterministic analysis found that a digest is made of. */
export interface DigestSource {
  readonly facts: SheetFacts
  readonly content: SheetContent
  /** The findings of the workbook. */
  readonly findings: readonly Finding[]
  /** Who reads whom in the workbook, by formulas and by charts. */
  readonly edges: readonly SheetEdge[]
}

/** Digests one sheet. */
export function digestSheet(
  model: WorkbookModel,
  { facts, content, findings, edges }: DigestSource,
  length: number = digestLength,
): SheetDigest {
  const sheet = model.workbook.sheets[facts.index] as Sheet
  const tables = [...content.tables].sort((a, b) => b.rows - a.rows).slice(0, limits.tables)
  const own = findings.filter((finding) => finding.sheet === facts.name)
  const formulas = formulaDigest(model, facts.index, limits.formulas)
  const totals = totalDigest(model, facts.index, limits.totals)
  const columns = tables.reduce((sum, table) => sum + table.columns.length, 0)
  const kept = tables.reduce((sum, table) => sum + Math.min(limits.columns, table.columns.length), 0)
  const digest: SheetDigest = {
    facts,
    tables: tables.map(digestTable),
    formulas: formulas.list,
    totals: totals.list,
    findings: own
      .slice(0, limits.findings)
      .map(({ id, kind, severity, range, message }) => ({ id, kind, severity, range, message })),
    errors: own
      .filter((finding) => finding.kind === 'cached-error')
      .slice(0, limits.errors)
      .map(({ range, evidence: { error } }) => ({
        cell: (range ?? '').split(':')[0] ?? '',
        error: typeof error === 'string' ? error : '',
      })),
    samples: tables.flatMap((table) => samplesOf(sheet, table)).slice(0, limits.samples),
    reads: linksOf(edges.filter((edge) => edge.from === facts.name).map((edge) => ({ ...edge, sheet: edge.to }))),
    readBy: linksOf(edges.filter((edge) => edge.to === facts.name).map((edge) => ({ ...edge, sheet: edge.from }))),
    personalData: content.personalData.slice(0, 20),
    omitted: {
      tables: content.tables.length - tables.length + content.omittedTables,
      columns: columns - kept + content.omittedColumns,
      formulas: formulas.omitted,
      totals: totals.omitted,
      findings: Math.max(0, own.length - limits.findings),
      samples: 0,
    },
  }
  return shortenDigest(digest, length)
}

/** One link a sheet, whether formulas or charts make it. */
function linksOf(links: readonly { readonly sheet: string; readonly references: number }[]): SheetDigest['reads'] {
  const sums = new Map<string, number>()
  for (const { sheet, references } of links) sums.set(sheet, (sums.get(sheet) ?? 0) + references)
  return [...sums].slice(0, limits.links).map(([sheet, references]) => ({ sheet, references }))
}

function digestTable({ name, range, rows, columns }: TableProfile): DigestTable {
  return {
    name,
    range,
    rows,
    columns: columns.slice(0, limits.columns).map(({ column, header, type, pattern, completeness, personal }) => ({
      column: columnName(column),
      header: shortText(header, 60),
      type,
      pattern,
      completeness,
      personal,
    })),
  }
}

function samplesOf(sheet: Sheet, table: TableProfile): DigestSample[] {
  const range = parseRange(table.range)
  if (range === null) return []
  const samples: DigestSample[] = []
  const top = table.hasHeader ? range.top + 1 : range.top
  for (let row = top; row <= Math.min(range.bottom, top + limits.sampleRows); row++) {
    for (const { column, personal } of table.columns.slice(0, limits.columns)) {
      const cell = sheet.rows[row]?.[column]
      if (personal !== null || cell === undefined || cell.value === null) continue
      const value = typeof cell.value === 'string' ? shortText(cell.value, 60) : cell.value
      samples.push({ cell: formatCell(row, column), value })
    }
  }
  return samples
}

/** Drops the last entries of the longest list until a digest is no longer than so many characters of JSON, as far as that goes. */
export function shortenDigest(digest: SheetDigest, length: number): SheetDigest {
  const lists = {
    samples: [...digest.samples],
    formulas: [...digest.formulas],
    totals: [...digest.totals],
    tables: [...digest.tables],
    findings: [...digest.findings],
  }
  const omitted = { ...digest.omitted }
  const sizeOf = (value: unknown) => JSON.stringify(value).length
  let size = sizeOf(digest)
  while (size > length) {
    const [name] = Object.entries(lists).reduce((a, b) => (sizeOf(b[1]) > sizeOf(a[1]) ? b : a))
    const dropped = lists[name as keyof typeof lists].pop()
    if (dropped === undefined) break
    size -= sizeOf(dropped) + 1
    omitted[name as keyof typeof lists]++
  }
  return { ...digest, ...lists, omitted }
}
