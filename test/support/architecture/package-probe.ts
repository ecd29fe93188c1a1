import { registerHooks } from 'node:module'

/** Imports the module named on the command line and prints the packages that were loaded for it. */
const [specifier = ''] = process.argv.slice(2)
const packages = new Set<string>()
registerHooks({
  load: (url, context, nextLoad) => {
    const name = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]
    if (name !== undefined) packages.add(name)
    return nextLoad(url, context)
  },
})
await import(specifier)
process.stdout.write(JSON.stringify([...packages].sort()))
