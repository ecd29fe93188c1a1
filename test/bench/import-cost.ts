import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Probe } from './bench-case.ts'

/** What one import in a fresh process cost. */
export interface ImportCost {
  readonly milliseconds: number
  readonly packages: readonly string[]
}

const PROBE = fileURLToPath(new URL('import-probe.ts', import.meta.url))

/** Milliseconds to import a module in a fresh process. */
export function importTime(specifier: string): Probe {
  return { check: () => void importOnce(specifier, 'time'), sample: () => importOnce(specifier, 'time').milliseconds }
}

/** How many packages are loaded by importing a module, itself included when it is one. */
export function importedPackages(specifier: string): Probe {
  const count = () => importOnce(specifier, 'packages').packages.length
  return {
    check: () => {
      if (count() === 0) throw new Error(`Importing ${specifier} loaded no package at all: the probe counts wrongly.`)
    },
    sample: count,
  }
}

function importOnce(specifier: string, mode: 'time' | 'packages'): ImportCost {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROBE, specifier, mode], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${specifier} could not be imported: ${stderr}`)
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n', stdout.length - 2) + 1)) as ImportCost
}
