import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

const SUFFIX = '.bench.ts'

/** The files of the cases by class: a class is a folder, a case a `*.bench.ts` file in it. */
export function caseClasses(folder: string): ReadonlyMap<string, readonly string[]> {
  const classes = new Map<string, readonly string[]>()
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === 'node_modules') continue
    const files = readdirSync(join(folder, entry.name)).filter((name) => name.endsWith(SUFFIX))
    if (files.length > 0)
      classes.set(
        entry.name,
        files.sort().map((name) => join(folder, entry.name, name)),
      )
  }
  return classes
}

/** The name of the case in a file. */
export function caseName(file: string): string {
  return basename(file, SUFFIX)
}
