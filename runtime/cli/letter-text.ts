import type { DeadLetterRecord } from '../protocol/record.ts'
import { jsonText } from './json-text.ts'
import { plainLine } from './plain-line.ts'
import { textTable } from './text-table.ts'
import { momentText } from './time-text.ts'

/** Dead letters as lines for a terminal. */
export function letterTable(letters: readonly DeadLetterRecord[]): string {
  if (letters.length === 0) return 'No dead letters.\n'
  const rows = letters.map(({ id, at, to, event, error }) => [
    id,
    momentText(at),
    to,
    event.type,
    error.code,
    error.message,
  ])
  return textTable(['ID', 'DIED (UTC)', 'TO', 'MESSAGE', 'CODE', 'REASON'], rows)
}

/** All of one dead letter for a terminal. */
export function letterText({ id, at, to, from, event, principal, error }: DeadLetterRecord): string {
  const { type, ...fields } = event
  const facts: readonly (readonly [name: string, value: string | undefined])[] = [
    ['id', id],
    ['died', `${momentText(at)} UTC`],
    ['to', to],
    ['from', `${from}, for ${principal.id}`],
    ['reason', `${error.code}: ${error.message}`],
    ['hint', error.hint],
    ['message', type],
  ]
  const lines = facts.flatMap(([name, value]) => (value === undefined ? [] : [plainLine(`${name.padEnd(8)} ${value}`)]))
  const data = jsonText(fields).trimEnd().split('\n').map(plainLine)
  return `${[...lines, ...(data.length > 1 ? data : [])].join('\n')}\n`
}
