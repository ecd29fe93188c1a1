import { setTimeout } from 'node:timers/promises'
import type { ActorDefinition } from '../kernel/definition.ts'
import { createRuntime, type Runtime } from '../kernel/runtime.ts'
import type { JournalView } from '../ports/journal.ts'
import type { Address } from '../protocol/address.ts'
import type { DeadLetterRecord } from '../protocol/record.ts'
import type { Command, Invocation } from './command.ts'
import { definitionsOf } from './definition-file.ts'
import { EXIT } from './exit-codes.ts'
import { intactItems, type IntactItems } from './intact-items.ts'
import { viewJournal } from './journal-file.ts'
import { jsonText } from './json-text.ts'
import { letterTable, letterText } from './letter-text.ts'
import { loadPacks } from './packs.ts'
import { usageError } from './usage-error.ts'

const LOOK_EVERY = 200

type Verb = (invocation: Invocation, id: string) => Promise<number>

const VERBS: ReadonlyMap<string, Verb> = new Map([
  ['show', show],
  ['replay', replay],
  ['discard', discard],
])

/** `troupe deadletters`: the messages that nobody could process. */
export const deadlettersCommand: Command = {
  name: 'deadletters',
  summary: 'List the messages that nobody could process; show, replay or discard one',
  usage: 'list | show ID | replay ID | discard ID --db DB [options]',
  options: {
    db: { type: 'string', value: 'DB', description: 'The SQLite file of the journal' },
    pack: {
      type: 'string',
      value: 'FILE',
      description: 'replay: a module that exports actor definitions, beside those of the packs here',
    },
    realm: { type: 'string', value: 'REALM', description: "The realm of the journal (default 'local')" },
    json: { type: 'boolean', description: 'list and show: as JSON' },
  },
  examples: [
    'troupe deadletters list --db run.sqlite',
    'troupe deadletters replay 3kHn0mQ2cVdR8sXw --db run.sqlite --pack ticket.actor.ts',
  ],
  run(invocation) {
    const [verb = '', id, ...others] = invocation.positionals
    if (verb === 'list' && id === undefined) return list(invocation)
    const work = VERBS.get(verb)
    if (work && id !== undefined && others.length === 0) return work(invocation, id)
    throw usageError(
      work ? `'troupe deadletters ${verb}' takes one id` : "'troupe deadletters' needs to know what to do",
      'troupe deadletters list | show ID | replay ID | discard ID --db DB',
    )
  },
}

async function list({ options, terminal }: Invocation): Promise<number> {
  const { items, faults } = await lettersOf(options)
  await terminal.out(options['json'] === true ? jsonText(items) : letterTable(items))
  for (const { message } of faults) terminal.note(`left out: ${message}`)
  return faults.length > 0 ? EXIT.crashed : EXIT.done
}

async function show({ options, terminal }: Invocation, id: string): Promise<number> {
  const letter = await letterOf(options, id)
  await terminal.out(options['json'] === true ? jsonText(letter) : letterText(letter))
  return EXIT.done
}

async function replay(invocation: Invocation, id: string): Promise<number> {
  const { options, terminal } = invocation
  const { to } = await letterOf(options, id)
  const given = typeof options['pack'] === 'string' ? await definitionsOf(options['pack']) : []
  const types = new Set(given.map(({ type }) => type))
  // What the user names goes before what is built in.
  const built = (await loadPacks()).flatMap(({ actors }) => actors.filter(({ type }) => !types.has(type)))
  return owning(invocation, [...given, ...built], async (runtime, view) => {
    const before = new Set((await runtime.deadLetters.kept()).map((letter) => letter.id))
    await runtime.deadLetters.replay(id)
    const again = (await runtime.deadLetters.kept()).find((letter) => letter.to === to && !before.has(letter.id))
    if (!again) {
      terminal.note(`${to} has taken the message.`)
      return (await workDone(invocation, view, to)) ? EXIT.done : EXIT.interrupted
    }
    terminal.note(`${to} could not process it this time either: ${again.error.code} ${again.error.message}`)
    terminal.note(`It is kept as ${again.id} now.`)
    return EXIT.failed
  })
}

/** Stays while the actor is at work: what ended with this process would be cut off. False when the user did not wait. */
async function workDone({ terminal, signal }: Invocation, view: JournalView, to: Address): Promise<boolean> {
  const isAtWork = async (): Promise<boolean> => ((await view.read(to))?.tasks.length ?? 0) > 0
  if (!(await isAtWork())) return true
  terminal.note('It is at work, in this process: waiting until it is done. Ctrl-C cuts the work off.')
  while (await isAtWork()) {
    if (signal.aborted) return false
    await setTimeout(LOOK_EVERY, undefined, { signal }).catch(() => {})
  }
  return true
}

async function discard(invocation: Invocation, id: string): Promise<number> {
  const { to } = await letterOf(invocation.options, id)
  return owning(invocation, [], async (runtime) => {
    await runtime.deadLetters.discard(id)
    invocation.terminal.note(`The message to ${to} is gone for good.`)
    return EXIT.done
  })
}

/** Works as the owner of the journal. Only who is addressed comes back into memory. */
async function owning(
  { options, openJournal }: Invocation,
  actors: readonly ActorDefinition[],
  work: (runtime: Runtime, view: JournalView) => Promise<number>,
): Promise<number> {
  const journal = await openJournal(options['db'])
  try {
    const realm = String(options['realm'] ?? 'local')
    const runtime = await createRuntime({ realm, actors, journal, wake: 'asked' })
    try {
      return await work(runtime, await journal.view(realm))
    } finally {
      await runtime.stop()
    }
  } finally {
    await journal.close()
  }
}

function lettersOf(options: Invocation['options']): Promise<IntactItems<DeadLetterRecord>> {
  return viewJournal(options, (view) => intactItems(view.letters(), (letter) => letter))
}

async function letterOf(options: Invocation['options'], id: string): Promise<DeadLetterRecord> {
  const { items } = await lettersOf(options)
  const letter = items.find((each) => each.id === id)
  if (letter) return letter
  throw usageError(`there is no dead letter '${id}'`, "'troupe deadletters list' lists them; it may be settled by now")
}
