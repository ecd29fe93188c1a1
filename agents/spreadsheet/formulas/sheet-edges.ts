import type { Workbook } from '../workbook.ts'
import { formatCell } from './cell-reference.ts'
import type { FormulaIndex } from './formula-index.ts'

/** References from the formulas of one sheet to another. */
export interface SheetEdge {
  /** The sheet whose formulas refer. */
  readonly from: string
  /** The sheet they read. */
  readonly to: string
  readonly references: number
  /** Functions of the referring formulas, by name. */
  readonly functions: readonly string[]
  /** Up to five referring cells. */
  readonly examples: readonly string[]
}

/** References to another workbook. */
export interface ExternalReference {
  /** As formulas write it: the number of the link part, or a file name. */
  readonly workbook: string
  /** The target of the link part, when the workbook names it. */
  readonly target: string | null
  readonly references: number
  readonly examples: readonly { readonly sheet: string; readonly cell: string }[]
}

const exampleLimit = 5

interface Tally {
  references: number
  readonly uniques: Set<number>
  readonly examples: number[]
}

/** Counts references between sheets and to other workbooks while the graph is built. */
export interface ReferenceTally {
  sheet(formula: number, to: number): void
  external(formula: number, workbook: string): void
  sheetEdges(): SheetEdge[]
  externalReferences(): ExternalReference[]
}

/** Starts counting. */
export const referenceTally = (workbook: Workbook, index: FormulaIndex): ReferenceTally => {
  const sheets = new Map<number, Tally>()
  const externals = new Map<string, Tally>()
  const width = workbook.sheets.length
  const nameOf = (sheet: number): string => workbook.sheets[sheet]?.name ?? ''
  const cellOf = (formula: number): string => formatCell(index.row[formula] ?? 0, index.column[formula] ?? 0)

  const count = <Key>(tallies: Map<Key, Tally>, key: Key, formula: number): void => {
    let tally = tallies.get(key)
    if (tally === undefined) {
      tally = { references: 0, uniques: new Set(), examples: [] }
      tallies.set(key, tally)
    }
    tally.references += 1
    tally.uniques.add(index.unique[formula] ?? 0)
    if (tally.examples.length < exampleLimit && tally.examples.at(-1) !== formula) tally.examples.push(formula)
  }

  return {
    sheet: (formula, to) => count(sheets, (index.sheet[formula] ?? 0) * width + to, formula),
    external: (formula, name) => count(externals, name, formula),
    sheetEdges: () =>
      [...sheets]
        .sort(([one], [other]) => one - other)
        .map(([key, { references, uniques, examples }]) => ({
          from: nameOf(Math.floor(key / width)),
          to: nameOf(key % width),
          references,
          functions: [...new Set([...uniques].flatMap((id) => index.uniques[id]?.functions ?? []))].sort(),
          examples: examples.map(cellOf),
        })),
    externalReferences: () =>
      [...externals].map(([name, { references, examples }]) => ({
        workbook: name,
        target: workbook.externalLinks[Number(name) - 1] ?? null,
        references,
        examples: examples.map((formula) => ({ sheet: nameOf(index.sheet[formula] ?? 0), cell: cellOf(formula) })),
      })),
  }
}
