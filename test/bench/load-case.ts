import { pathToFileURL } from 'node:url'
import type { BenchCase } from './bench-case.ts'

/** Reads the one case that a `*.bench.ts` file exports. */
export async function loadCase(file: string): Promise<BenchCase> {
  const loaded = (await import(pathToFileURL(file).href)) as Readonly<Record<string, BenchCase>>
  const [only, ...rest] = Object.values(loaded)
  if (only === undefined || rest.length > 0) throw new Error(`${file} must export exactly one case, and nothing else.`)
  for (const { metric, of, against } of only.rows) {
    for (const side of against === undefined ? [of] : [of, against]) {
      if (only.sides[side] === undefined)
        throw new Error(`${file}: row "${metric}" names side ${side}; add it to sides.`)
    }
  }
  return only
}
