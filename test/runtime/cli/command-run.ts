import { parseCommand } from '../../../runtime/cli/arguments.ts'
import type { Command } from '../../../runtime/cli/command.ts'
import { openJournalFile } from '../../../runtime/cli/journal-file.ts'

/** What a command did in this process. */
export interface CommandRun {
  /** Null when it threw. */
  readonly code: number | null
  readonly out: string
  readonly notes: string
  readonly error: Error | null
}

/** Runs a command in this process, which is faster than in one of its own. */
export async function runCommand(command: Command, ...words: readonly string[]): Promise<CommandRun> {
  let out = ''
  let notes = ''
  const note = (line: string): void => {
    notes += `${line}\n`
  }
  const terminal = {
    out: async (text: string) => {
      out += text
    },
    note,
    live: (_: string, line: string) => note(line),
    settle: () => {},
  }
  const { signal } = new AbortController()
  try {
    const { positionals, options } = parseCommand(command, words)
    const code = await command.run({ positionals, options, terminal, signal, openJournal: openJournalFile })
    return { code, out, notes, error: null }
  } catch (error) {
    return { code: null, out, notes, error: error as Error }
  }
}
