import type { ActorDefinition } from '../kernel/definition.ts'
import { type Compatibility, compareWithRecords } from '../persistence/compatibility.ts'
import { compatibilityText } from '../persistence/compatibility-text.ts'
import type { VersionedLogic } from '../persistence/record-review.ts'
import type { Command, Invocation } from './command.ts'
import { definitionsOf } from './definition-file.ts'
import { EXIT } from './exit-codes.ts'
import { viewJournal } from './journal-file.ts'
import { usageError } from './usage-error.ts'
import { versionedLogics } from './versioned-logics.ts'

const INCOMPATIBLE = 1

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
  return viewJournal(options, (view) => compareWithRecords(logics, view.records(), Date.now()))
}
