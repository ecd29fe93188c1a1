import { cellOf, sheetOf, shortText } from '../findings/formula-place.ts'
import { quoteSheet } from '../formulas/cell-reference.ts'
import { followReference } from '../formulas/workbook-names.ts'
import { isBuiltInName } from '../reading/built-in-name.ts'
import type { Recalculation } from '../recalculation/recalculate.ts'
import type { FunctionCells } from '../security/security-assessment.ts'
import type { ExternalLink, FormulaFacts, NameFacts } from './workbook-facts.ts'
import type { WorkbookModel } from './workbook-model.ts'

const listed = { unparseable: 50, functions: 60, chainEnds: 6, unsupported: 20, externals: 100 }

/** The cells that call each function, as the security assessment wants them. */
export function functionCells({ workbook, index }: WorkbookModel): FunctionCells {
  const cells = (formulas: Iterable<number>) =>
    [...formulas].map((formula) => ({ sheet: sheetOf(workbook, index, formula), cell: cellOf(index, formula) }))
  return new Map(
    [...index.functions].map(([name, uniques]) => [name, uniques.flatMap((unique) => cells(unique.cells))]),
  )
}

/** Sums up the formulas of a workbook. */
export function formulaFacts({ workbook, index, graph, recalculation }: WorkbookModel): FormulaFacts {
  const place = (formula: number) => `${quoteSheet(sheetOf(workbook, index, formula))}!${cellOf(index, formula)}`
  const functions = [...index.functions].map(([name, uniques]) => ({
    name,
    cells: uniques.reduce((sum, unique) => sum + unique.cells.length, 0),
  }))
  const chain = [...graph.longestChain.formulas]
  const ends = listed.chainEnds / 2
  return {
    unparseable: index.unparseable.slice(0, listed.unparseable).map(({ formula, problem }) => ({
      sheet: sheetOf(workbook, index, formula),
      cell: cellOf(index, formula),
      problem: shortText(problem, 200),
    })),
    unparseableCount: index.unparseable.length,
    functions: functions.sort((a, b) => b.cells - a.cells || (a.name < b.name ? -1 : 1)).slice(0, listed.functions),
    limits: analysisLimits(graph.limited, recalculation),
    chain:
      chain.length <= listed.chainEnds
        ? chain.map(place)
        : [...chain.slice(0, ends).map(place), '…', ...chain.slice(-ends).map(place)],
    recalculation: {
      checked: recalculation.checked,
      agreed: recalculation.agreed,
      mismatches: recalculation.mismatches.length,
      unsupported: recalculation.unsupported
        .slice(0, listed.unsupported)
        .map(({ reason, count }) => ({ reason, count })),
    },
  }
}

const analysisLimits = (isPartial: boolean, { limited }: Recalculation): string[] => [
  ...(isPartial ? ['The workbook has more dependencies than are followed; circles and chains may be missing.'] : []),
  ...(limited === null
    ? []
    : [
        `The recalculation ended after ${limited.operations} operations; ${limited.unchecked} formulas were not checked.`,
      ]),
]

/** The names users defined, with the sheets that use them and those they point at. */
export function nameFacts({ workbook, index, names }: WorkbookModel): NameFacts[] {
  const own = workbook.names.filter(({ name }) => !isBuiltInName(name))
  return own.map((defined) => {
    const uses = new Map<string, number>()
    for (const unique of index.names.get(defined.name.toLowerCase()) ?? []) {
      for (const formula of unique.cells) {
        const sheet = sheetOf(workbook, index, formula)
        uses.set(sheet, (uses.get(sheet) ?? 0) + 1)
      }
    }
    const targets = new Set<string>()
    const sheet = Math.max(0, names.sheetIndex(defined.sheet ?? ''))
    const reference = { kind: 'name', workbook: null, sheet: defined.sheet ?? null, name: defined.name } as const
    followReference(reference, { sheet, row: 0, column: 0 }, names, {
      area: (area) => void targets.add(workbook.sheets[area.sheet]?.name ?? ''),
      missing: () => {},
      external: () => {},
    })
    return {
      name: defined.name,
      formula: shortText(defined.formula, 200),
      sheet: defined.sheet ?? null,
      hidden: defined.hidden,
      broken: defined.formula.includes('#REF!'),
      uses: [...uses].map(([name, formulas]) => ({ sheet: name, formulas })),
      targets: [...targets],
    }
  })
}

/** The other workbooks that formulas or link parts point at. */
export function externalFacts({ workbook, graph }: WorkbookModel): ExternalLink[] {
  const used = graph.externalReferences.map(({ workbook: written, target, references, examples }) => ({
    target: shortText(target ?? written, 300),
    references,
    examples,
  }))
  const seen = new Set(graph.externalReferences.map((each) => each.target))
  const unused = workbook.externalLinks
    .filter((target) => !seen.has(target))
    .map((target) => ({ target: shortText(target, 300), references: 0, examples: [] }))
  return [...used, ...unused].slice(0, listed.externals)
}
