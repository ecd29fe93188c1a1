import { type ActorSummary, actorSummary, stateText } from './actor-summary.ts'
import type { Command } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { intactItems } from './intact-items.ts'
import { viewJournal } from './journal-file.ts'
import { jsonText } from './json-text.ts'
import { textTable } from './text-table.ts'
import { isoText, lengthText } from './time-text.ts'
import { usageError } from './usage-error.ts'

const COLUMNS = ['ADDRESS', 'STATUS', 'NEXT TIMER', 'TASKS', 'OUTBOX', 'STASH', 'CHILDREN', 'BYTES', 'STATE']

/** `troupe ps`: the actors that a journal keeps. */
export const psCommand: Command = {
  name: 'ps',
  summary: 'List the actors that a journal keeps: their states, timers and what they have under way',
  usage: '--db DB [options]',
  options: {
    db: { type: 'string', value: 'DB', description: 'The SQLite file of the journal. It is only read.' },
    type: { type: 'string', value: 'TYPE', description: 'Only actors of this type' },
    realm: { type: 'string', value: 'REALM', description: "The realm of the journal (default 'local')" },
    json: { type: 'boolean', description: 'The list as JSON' },
  },
  examples: ['troupe ps --db run.sqlite', 'troupe ps --db run.sqlite --type ticket --json'],
  async run({ positionals, options, terminal }) {
    if (positionals.length > 0) throw usageError("'troupe ps' takes options only", 'troupe ps --db DB')
    const { type } = options
    const { items, faults } = await viewJournal(options, (view) =>
      intactItems(view.records(typeof type === 'string' ? type : undefined), actorSummary),
    )
    const actors = items.toSorted((a, b) => (a.address < b.address ? -1 : 1))
    const dated = actors.map((actor) => ({ ...actor, due: isoText(actor.due) }))
    await terminal.out(options['json'] === true ? jsonText(dated) : listed(actors, Date.now()))
    for (const { message } of faults) terminal.note(`left out: ${message}`)
    return faults.length > 0 ? EXIT.crashed : EXIT.done
  },
}

function listed(actors: readonly ActorSummary[], now: number): string {
  if (actors.length === 0) return 'No actors.\n'
  const rows = actors.map(({ address, status, due, tasks, outbox, stash, children, bytes, state, quarantined }) => [
    address,
    status,
    due === null ? '-' : due > now ? `in ${lengthText(due - now)}` : 'overdue',
    ...[tasks, outbox, stash, children, bytes].map(String),
    quarantined ?? stateText(state),
  ])
  return textTable(COLUMNS, rows)
}
