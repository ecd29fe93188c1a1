import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ActorDefinition } from '../kernel/definition.ts'
import { type Compatibility, compareWithRecords } from '../persistence/compatibility.ts'
import { compatibilityText } from '../persistence/compatibility-text.ts'
import type { VersionedLogic } from '../persistence/record-review.ts'
import type { Journal } from '../ports/journal.ts'
import type { Command, Invocation } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { usageError } from './usage-error.ts'
import { versionedLogics } from './versioned-logics.ts'

const INCOMPATIBLE = 1

// Transports lie beside the runtime, as sources or compiled; they are found by their name, never imported from here.
const SQLITE = new URL(
  `../../transports/sqlite/index${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
)

/** `troupe machine check`: whether the records of a journal fit actor types that are about to be deployed. */
export const machineCommand: Command = {
  name: 'machine',
  summary: 'Check a new version of actor types against the records of a journal, before it is deployed',
  usage: 'check FILE --db DB [options]',
  options: {
    db: { type: 'string', value: 'DB', description: 'The SQLite file of the journal. It is only read.' },
    type: { type: 'string', value: 'TYPE', description: 'Only this actor type, and the machines it starts' },
    realm: { type: 'string', value: 'REALM', description: "The realm of the journal (default 'local')" },
    json: { type: 'boolean', description: 'The result as JSON' },
  },
  examples: [
    'troupe machine check ticket.actor.ts --db run.sqlite',
    'troupe machine check actors.js --db run.sqlite --json',
  ],
  async run({ positionals, options, terminal }) {
    const definitions = await definitionsOf(fileOf(positionals))
    const logics = versionedLogics(chosen(definitions, options['type']), definitions)
    const result = await compare(logics, options)
    await terminal.out(options['json'] === true ? `${JSON.stringify(result, null, 2)}\n` : compatibilityText(result))
    return result.problems.length === 0 ? EXIT.done : INCOMPATIBLE
  },
}

function fileOf([verb, file, ...others]: readonly string[]): string {
  if (verb === 'check' && file !== undefined && others.length === 0) return file
  throw usageError("'troupe machine' needs to know what to check", 'troupe machine check FILE --db DB')
}

async function definitionsOf(file: string): Promise<ActorDefinition[]> {
  const path = resolve(file)
  const found = await stat(path).catch(() => null)
  if (!found?.isFile()) throw usageError(`there is no file ${file}`, 'name a module that exports actor definitions')
  const module = await load(path, file)
  const definitions = new Set(Object.values(module).flatMap(definitionsIn))
  if (definitions.size > 0) return [...definitions]
  throw usageError(`${file} exports no actor definition`, 'export what defineActor or defineWorkflow returned')
}

async function load(path: string, file: string): Promise<object> {
  try {
    return (await import(pathToFileURL(path).href)) as object
  } catch (error) {
    throw usageError(`${file} cannot be loaded: ${(error as Error).message}`, 'it has to run as it is, by Node alone')
  }
}

// An export is a definition, a list of them, or a pack.
function definitionsIn(value: unknown): ActorDefinition[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.filter(isDefinition)
  if (isDefinition(value)) return [value]
  const { actors } = value as { readonly actors?: unknown }
  return Array.isArray(actors) ? actors.filter(isDefinition) : []
}

function isDefinition(value: unknown): value is ActorDefinition {
  return typeof value === 'object' && value !== null && 'hosted' in value && 'contract' in value && 'policies' in value
}

function chosen(
  definitions: readonly ActorDefinition[],
  type: string | boolean | undefined,
): readonly ActorDefinition[] {
  if (type === undefined) return definitions
  const some = definitions.filter((definition) => definition.type === type)
  if (some.length > 0) return some
  const types = definitions.map((definition) => definition.type).join(', ')
  throw usageError(`there is no actor type '${String(type)}' in the file`, `there are: ${types}`)
}

async function compare(logics: readonly VersionedLogic[], options: Invocation['options']): Promise<Compatibility> {
  const { db, realm = 'local' } = options
  if (typeof db !== 'string') throw usageError('the journal is not named', 'name its file: --db run.sqlite')
  const { sqlite } = (await import(SQLITE.href)) as { sqlite: (path: string) => Journal }
  const journal = sqlite(db)
  try {
    const view = await journal.view(String(realm))
    return await compareWithRecords(logics, view.records(), Date.now())
  } finally {
    await journal.close()
  }
}
