#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { isTroupeError } from '../protocol/errors.ts'
import { parseCommand } from './arguments.ts'
import { deadlettersCommand } from './deadletters.command.ts'
import { EXIT } from './exit-codes.ts'
import { commandHelp, overview } from './help.ts'
import { openJournalFile } from './journal-file.ts'
import { machineCommand } from './machine.command.ts'
import { loadPacks } from './packs.ts'
import { psCommand } from './ps.command.ts'
import { runsCommand } from './runs.command.ts'
import { createTerminal, type Terminal } from './terminal.ts'
import { isUsageError, usageError } from './usage-error.ts'

/** Runs one command line. Resolves to the exit code. */
async function main(words: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number> {
  assertNode(process.versions.node)
  const [name, ...rest] = words
  if (name === '--version') {
    await terminal.out(`${await version()}\n`)
    return EXIT.done
  }
  const packs = await loadPacks()
  const commands = [
    ...packs.flatMap((pack) => pack.commands),
    runsCommand,
    psCommand,
    deadlettersCommand,
    machineCommand,
  ]
  if (name === undefined || name === '--help' || name === 'help') {
    await terminal.out(overview(commands))
    return name === undefined ? EXIT.usage : EXIT.done
  }
  const command = commands.find((candidate) => candidate.name === name)
  if (!command) {
    throw usageError(`there is no command '${name}'`, `there are: ${commands.map((known) => known.name).join(', ')}`)
  }
  const { positionals, options } = parseCommand(command, rest)
  if (options['help'] === true) {
    await terminal.out(commandHelp(command))
    return EXIT.done
  }
  return command.run({ positionals, options, terminal, signal, openJournal: openJournalFile })
}

function assertNode(running: string): void {
  const [major = 0, minor = 0] = running.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 18)) return
  throw usageError(
    `Troupe needs Node 22.18 or newer, and this is ${running}`,
    'in a clone, npm start and npx bring their own',
  )
}

async function version(): Promise<string> {
  // Sources lie two folders below package.json, compiled files three.
  const up = import.meta.url.endsWith('.ts') ? '../../' : '../../../'
  const text = await readFile(new URL(`${up}package.json`, import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

function report(terminal: Terminal, error: unknown): number {
  terminal.settle()
  const { message, hint } = isTroupeError(error)
    ? error
    : { message: errno(error) ?? String((error as Error).stack ?? error), hint: undefined }
  terminal.note(`troupe: ${message}`)
  if (hint !== undefined) terminal.note(`        ${hint}`)
  return isUsageError(error) ? EXIT.usage : EXIT.crashed
}

// What the machine refuses (a full disk, a closed pipe) is told in a line; the stack is for our own faults.
function errno(error: unknown): string | undefined {
  const { code, message } = error as NodeJS.ErrnoException
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) ? message : undefined
}

// Once politely, then at once: the second signal is the user's last word.
const controller = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    controller.abort()
    process.once(name, () => process.exit(EXIT.interrupted))
  })
}
// A reader that went away (`| head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Any other fault reaches whoever wrote, by the callback of the write.
  if (error.code === 'EPIPE') process.exit(EXIT.done)
})
// Nobody may be left to hear the notes; the result counts.
process.stderr.on('error', () => {})

const terminal = createTerminal({ out: process.stdout, err: process.stderr })
process.exitCode = await main(process.argv.slice(2), terminal, controller.signal).catch((error: unknown) =>
  report(terminal, error),
)
