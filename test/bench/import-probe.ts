import { registerHooks } from 'node:module'
import type { ImportCost } from './import-cost.ts'

const PACKAGE = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//

/** Imports one module and prints what that cost. Packages are counted in a run of their own: watching takes time. */
const [specifier = '', mode = ''] = process.argv.slice(2)
const folders = new Set<string>()
if (mode === 'packages') {
  registerHooks({
    load: (url, context, nextLoad) => {
      const folder = PACKAGE.exec(url)?.[0]
      if (folder !== undefined) folders.add(folder)
      return nextLoad(url, context)
    },
  })
}

const start = performance.now()
await import(specifier)
const milliseconds = performance.now() - start
const packages = [...folders].map((folder) => PACKAGE.exec(folder)?.[1] ?? folder).sort()
const cost: ImportCost = { milliseconds, packages }
process.stdout.write(`${JSON.stringify(cost)}\n`, () => process.exit(0))
