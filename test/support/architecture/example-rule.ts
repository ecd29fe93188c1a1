import type { SourceFile } from './source-file.ts'
import type { Violation } from './violation.ts'

/** Examples read as a user's code: they import the package by its public names, and nothing of its inside. */
export function exampleRule(files: readonly SourceFile[], doors: ReadonlySet<string>): Violation[] {
  return files
    .filter(({ path }) => path.startsWith('examples/'))
    .flatMap(({ path, imports }) =>
      imports.flatMap(({ path: target, package: name, specifier }) => {
        const inside = target !== null && !target.startsWith('examples/')
        const unknown = name === 'troupe' && !doors.has(specifier)
        if (!inside && !unknown) return []
        return [{ path, rule: 'examples', detail: `${specifier} is no public name: one of ${[...doors].join(', ')}` }]
      }),
    )
}
