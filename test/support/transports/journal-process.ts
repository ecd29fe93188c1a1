import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { ShardJournal } from '../../../runtime/ports/journal.ts'
import { errorValue } from '../../../runtime/protocol/errors.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'
import { collected, sampleLetter, sampleRecord, thing } from '../conformance/sample-record.ts'

/**
 * A process that works on a journal as it is told to, one line of input at a time, and answers each with a line of JSON.
 * Its arguments are the file, the journal's options as JSON, and the user to be.
 */
const [path = '', options = '{}', user] = process.argv.slice(2)
if (user !== undefined) process.setuid?.(Number(user))
const journal = sqlite(path, JSON.parse(options) as object)
let shard: ShardJournal | undefined

function owned(): ShardJournal {
  if (shard) return shard
  throw new Error('own first')
}

/** One batch of what must stay together: five actors at one commit, a dead letter, a removal. */
async function appendBatch(commit: number): Promise<number> {
  const records = ['a', 'b', 'c', 'd', 'e'].map((key) => sampleRecord(key, commit, { input: 'x'.repeat(500) }))
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
  async view() {
    const records = await collected((await journal.view('test')).records())
    return records.map(({ commit }) => commit)
  },
  close: () => journal.close(),
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
