import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { caseClasses, caseName } from './case-classes.ts'
import { loadCase } from './load-case.ts'
import { peerInstallation } from './peer-installation.ts'
import { resultTable } from './result-table.ts'
import { runCase, type RowResult } from './run-case.ts'

const folder = import.meta.dirname
const classes = caseClasses(folder)

const say = (line: string) => void process.stdout.write(`${line}\n`)
const complain = (line: string) => void process.stderr.write(`${line}\n`)

/** Runs the cases named on the command line. Exit code 0 when all targets are met, 1 when not, 2 for a wrong call. */
async function main([className, ...names]: readonly string[]): Promise<number> {
  if (className === undefined) {
    say('Usage: npm run bench -- CLASS [CASE ...]\n')
    for (const [name, files] of classes) say(`${name}: ${files.map(caseName).join(', ')}`)
    return 0
  }
  const files = classes.get(className)
  if (files === undefined) {
    complain(`There is no class of cases named "${className}". Take one of: ${[...classes.keys()].join(', ')}.`)
    return 2
  }
  const unknown = names.find((name) => !files.some((file) => caseName(file) === name))
  if (unknown !== undefined) {
    complain(`Class ${className} has no case "${unknown}". Take from: ${files.map(caseName).join(', ')}.`)
    return 2
  }
  peerInstallation(folder, say)
  const chosen = files.filter((file) => names.length === 0 || names.includes(caseName(file)))
  return measure(className, chosen)
}

async function measure(className: string, files: readonly string[]): Promise<number> {
  const results: RowResult[] = []
  const failures: string[] = []
  for (const file of files) {
    complain(`${caseName(file)} ...`)
    try {
      results.push(...(await runCase(file, await loadCase(file))))
    } catch (error) {
      failures.push(`${caseName(file)}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length }
  const written = write(className, { machine, results, failures })
  say(`\n${resultTable(results)}\n\nNode ${machine.node}, ${machine.cores} x ${machine.cpu}; trust the ratios.`)
  say(`Written to ${written}`)
  for (const failure of failures) complain(`\nNot measured: ${failure}`)
  return failures.length > 0 || results.some((result) => result.met === false) ? 1 : 0
}

function write(className: string, report: object): string {
  const at = new Date().toISOString()
  const file = join(folder, 'results', `${className}-${at.replaceAll(':', '-')}.json`)
  mkdirSync(join(folder, 'results'), { recursive: true })
  writeFileSync(file, `${JSON.stringify({ class: className, at, ...report }, null, 2)}\n`)
  return file
}

process.exitCode = await main(process.argv.slice(2))
