import type { ActorDefinition } from '../kernel/definition.ts'
import type { Journal } from '../ports/journal.ts'
import type { Terminal } from './terminal.ts'

/** One option of a command. Those of type `string` take a value. */
export interface CommandOption {
  readonly type: 'string' | 'boolean'
  /** What the value is called in the help, such as `TOKENS`. */
  readonly value?: string
  readonly description: string
  /** Left out of the help. */
  readonly hidden?: boolean
}

/** What a command is called with. */
export interface Invocation {
  readonly positionals: readonly string[]
  readonly options: Readonly<Record<string, string | boolean | undefined>>
  readonly terminal: Terminal
  /** Aborted when the user asks to stop; the command ends soon and keeps what it has. */
  readonly signal: AbortSignal
  /** Opens the journal in the file that `--db` names. Who opens it closes it. */
  readonly openJournal: (path: string | boolean | undefined) => Promise<Journal>
}

/** A command that a pack brings. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** What follows the name, such as `FILE [options]`. */
  readonly usage: string
  readonly options: Readonly<Record<string, CommandOption>>
  readonly examples: readonly string[]
  /** Resolves to the exit code. */
  run(invocation: Invocation): Promise<number>
}

/** What a folder under `agents/` brings: actor types and commands. */
export interface Pack {
  readonly name: string
  readonly description: string
  /** Its actor types; the durable ones where it has a type in both kinds, for a journal holds only these. */
  readonly actors: readonly ActorDefinition[]
  readonly commands: readonly Command[]
}

/** Makes a pack. */
export function definePack(pack: Pack): Pack {
  return pack
}
