import { parseFormula } from '../formulas/formula-parser.ts'
import type { SheetEdge } from '../formulas/sheet-edges.ts'
import { followReference, type WorkbookNames } from '../formulas/workbook-names.ts'
import type { Sheet, Workbook } from '../workbook.ts'

/** References from the charts on each sheet to the cells of others. */
export function chartEdges(workbook: Workbook, names: WorkbookNames): SheetEdge[] {
  return workbook.sheets.flatMap((sheet) =>
    [...drawnSheets(sheet, names)]
      .filter(([position]) => position !== sheet.index)
      .sort(([one], [other]) => one - other)
      .map(([position, references]) => ({
        from: sheet.name,
        to: workbook.sheets[position]?.name ?? '',
        references,
        functions: [],
        examples: [],
      })),
  )
}

/** How often the charts on a sheet name each sheet, by its position. */
function drawnSheets({ index, chartSources }: Sheet, names: WorkbookNames): Map<number, number> {
  const counts = new Map<number, number>()
  const written = Map.groupBy(chartSources, (source) => source)
  for (const [source, times] of written) {
    const targets = new Set<number>()
    for (const { reference } of parseFormula(source, 0, 0).references) {
      // `[0]` is the workbook itself.
      const own = reference.workbook === '0' ? { ...reference, workbook: null } : reference
      followReference(own, { sheet: index, row: 0, column: 0 }, names, {
        area: (area) => void targets.add(area.sheet),
        missing: () => {},
        external: () => {},
      })
    }
    for (const target of targets) counts.set(target, (counts.get(target) ?? 0) + times.length)
  }
  return counts
}
