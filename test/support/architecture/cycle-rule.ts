import { posix } from 'node:path'
import type { SourceFile } from './source-file.ts'
import type { Violation } from './violation.ts'

/**
 * Folders do not import each other in a circle. A folder that has folders under it is not one thing: its own files (a
 * door above its rooms, a model below them) stand for themselves.
 */
export function cycleRule(files: readonly SourceFile[]): Violation[] {
  const folders = new Set(files.map(({ path }) => posix.dirname(path)))
  const parents = new Set([...folders].flatMap(ancestors))
  const unitOf = (path: string) => (parents.has(posix.dirname(path)) ? path : posix.dirname(path))
  const edges = new Map<string, Map<string, string>>()
  for (const file of files) {
    const from = unitOf(file.path)
    for (const { path } of file.imports) {
      if (path === null || unitOf(path) === from) continue
      const targets = edges.get(from) ?? new Map<string, string>()
      edges.set(from, targets.set(unitOf(path), `${file.path} imports ${path}`))
    }
  }
  return circles(edges).map((circle) => ({
    path: circle[0] ?? '',
    rule: 'cycles',
    detail: circle.map((unit, at) => edges.get(unit)?.get(circle[(at + 1) % circle.length] ?? '')).join('; '),
  }))
}

function ancestors(folder: string): string[] {
  const above = posix.dirname(folder)
  return above === '.' ? [] : [above, ...ancestors(above)]
}

// Depth first; one circle is told for each edge that closes one.
function circles(edges: ReadonlyMap<string, ReadonlyMap<string, string>>): string[][] {
  const found: string[][] = []
  const done = new Set<string>()
  const visit = (unit: string, trail: readonly string[]): void => {
    const at = trail.indexOf(unit)
    if (at >= 0) {
      found.push(trail.slice(at))
      return
    }
    if (done.has(unit)) return
    for (const next of edges.get(unit)?.keys() ?? []) visit(next, [...trail, unit])
    done.add(unit)
  }
  for (const unit of edges.keys()) visit(unit, [])
  return found
}
