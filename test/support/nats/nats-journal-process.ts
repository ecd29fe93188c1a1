import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { ShardJournal } from '../../../runtime/ports/journal.ts'
import { errorValue } from '../../../runtime/protocol/errors.ts'
import { natsJournal } from '../../../transports/nats/index.ts'
import { sampleLetter, sampleRecord, thing } from '../conformance/sample-record.ts'

/**
 * A process that works on a journal over NATS as it is told to, one line of input at a time, and answers each with a line of
 * JSON. Its arguments are the server and how much each record holds.
 */
const [servers = '', size = '500'] = process.argv.slice(2)
const journal = natsJournal({ servers })
let shard: ShardJournal | undefined

function owned(): ShardJournal {
  if (shard) return shard
  throw new Error('own first')
}

/** One batch of what must stay together: five actors at one commit, a dead letter, a removal. */
async function appendBatch(commit: number): Promise<number> {
  const input = 'x'.repeat(Number(size))
  const records = ['a', 'b', 'c', 'd', 'e'].map((key) => sampleRecord(key, commit, { input }))
  const even = commit % 2 === 0
  await owned().append({
    records: even ? [...records, sampleRecord('odd', commit)] : records,
    removed: even ? [] : [thing('odd')],
    letters: [sampleLetter(`l${commit}`)],
    buried: [`l${commit - 3}`],
  })
  return commit
}

const COMMANDS: Readonly<Record<string, (argument: number) => Promise<unknown>>> = {
  async own() {
    shard = await journal.own('test', 's')
    return shard.epoch
  },
  append: appendBatch,
  async flood(first) {
    for (let commit = first; ; commit++) answer(await appendBatch(commit))
  },
}

// Straight to the descriptor: what is answered has left the process.
function answer(value: unknown): void {
  writeSync(1, `${JSON.stringify({ value })}\n`)
}

for await (const line of createInterface({ input: process.stdin })) {
  const [command = '', argument] = line.split(' ')
  try {
    answer((await COMMANDS[command]?.(Number(argument))) ?? null)
  } catch (thrown) {
    writeSync(1, `${JSON.stringify({ error: errorValue(thrown) })}\n`)
  }
}
await journal.close()
