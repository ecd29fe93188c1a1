import type { Command } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { intactItems } from './intact-items.ts'
import { viewJournal } from './journal-file.ts'
import { jsonText } from './json-text.ts'
import { type RunSummary, runSummary } from './run-summary.ts'
import { textTable } from './text-table.ts'
import { isoText, lengthText, momentText } from './time-text.ts'
import { usageError } from './usage-error.ts'

/** `troupe runs`: the runs of workflows that a journal keeps, the newest first. */
export const runsCommand: Command = {
  name: 'runs',
  summary: 'List the runs that a journal keeps, and how they stand',
  usage: '--db DB [options]',
  options: {
    db: { type: 'string', value: 'DB', description: 'The SQLite file of the journal. It is only read.' },
    realm: { type: 'string', value: 'REALM', description: "The realm of the journal (default 'local')" },
    json: { type: 'boolean', description: 'The list as JSON' },
  },
  examples: [
    'troupe runs --db run.sqlite',
    'troupe runs --db run.sqlite --json | jq -r \'.[] | select(.status == "running") | .id\'',
  ],
  async run({ positionals, options, terminal }) {
    if (positionals.length > 0) throw usageError("'troupe runs' takes options only", 'troupe runs --db DB')
    const { items, faults } = await viewJournal(options, (view) => intactItems(view.records(), runSummary))
    const runs = items.toSorted((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0))
    await terminal.out(options['json'] === true ? jsonText(runs.map(dated)) : listed(runs))
    for (const { message } of faults) terminal.note(`left out: ${message}`)
    return faults.length > 0 ? EXIT.crashed : EXIT.done
  },
}

function dated(run: RunSummary): object {
  return { ...run, startedAt: isoText(run.startedAt), endedAt: isoText(run.endedAt) }
}

function listed(runs: readonly RunSummary[]): string {
  if (runs.length === 0) return 'No runs.\n'
  const rows = runs.map(({ id, type, status, startedAt, endedAt, steps, reason }) => [
    id,
    type,
    status,
    `${steps.done}/${steps.total}`,
    momentText(startedAt),
    startedAt === null || endedAt === null ? '-' : lengthText(endedAt - startedAt),
    reason ?? '',
  ])
  return textTable(['RUN', 'TYPE', 'STATUS', 'STEPS', 'STARTED (UTC)', 'TOOK', 'REASON'], rows)
}
