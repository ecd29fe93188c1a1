import { describe, expect, it } from 'vitest'
import { setTimeout } from 'node:timers/promises'
import { defineWorkflow } from '../../../actors/index.ts'
import { psCommand } from '../../../runtime/cli/ps.command.ts'
import { runsCommand } from '../../../runtime/cli/runs.command.ts'
import { createRuntime } from '../../../runtime/index.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'
import { scratchFolder } from '../../support/transports/scratch-folder.ts'
import { runCommand } from './command-run.ts'
import { parcelJournal } from './parcel-journal.ts'

const scratch = scratchFolder()

const errand = defineWorkflow('errand', { durability: 'durable' })
  .step('go', { run: async () => 'there' })
  .step('buy', {
    after: ['go'],
    run: async () => {
      throw new Error('the shop is shut')
    },
  })
const stroll = defineWorkflow('stroll', { durability: 'durable' })
  .step('walk', { run: async () => 1 })
  .step('rest', { after: ['walk'], run: () => new Promise<never>(() => {}) })

/** A journal with a run that failed and one that is cut off in its second step. */
async function runsJournal(): Promise<string> {
  const db = scratch('runs.sqlite')
  const journal = sqlite(db)
  const runtime = await createRuntime({ actors: [errand, stroll], journal })
  await (await runtime.spawn(errand, { key: 'e-1' })).result()
  await setTimeout(5)
  const walk = await runtime.spawn(stroll, { key: 's-1' })
  await new Promise<void>((resolve) => walk.on('step.completed', () => resolve()))
  await runtime.stop()
  await journal.close()
  return db
}

describe('troupe runs', () => {
  it('tells how each run stands without its definition, the newest first, and leaves out who is no run', async () => {
    const db = await runsJournal()
    await parcelJournal(db)
    const { code, out } = await runCommand(runsCommand, '--db', db)
    const [head = '', first = '', second = '', ...more] = out.trimEnd().split('\n')
    expect(head).toMatch(/^RUN +TYPE +STATUS +STEPS +STARTED \(UTC\) +TOOK +REASON$/)
    expect(first).toMatch(/^s-1 {2}stroll {2}running {2}1\/2 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}-/)
    expect(second).toMatch(/^e-1 {2}errand {2}failed +2\/2 .* {2}\d+ms +.*the shop is shut/)
    expect([code, more]).toEqual([0, []])
  })

  it('gives scripts the same with times in full', async () => {
    const runs = JSON.parse((await runCommand(runsCommand, '--db', await runsJournal(), '--json')).out) as object[]
    expect(runs).toMatchObject([
      { id: 's-1', type: 'stroll', status: 'running', endedAt: null, steps: { done: 1, total: 2 } },
      { id: 'e-1', address: 'local/errand/e-1', status: 'failed', startedAt: expect.stringMatching(/Z$/) as string },
    ])
  })

  it('looks at a journal that another process owns, and says when there is nothing in it', async () => {
    const db = scratch('empty.sqlite')
    const journal = sqlite(db)
    await journal.own('acme', 'main')
    expect(await runCommand(runsCommand, '--db', db, '--realm', 'acme')).toMatchObject({ code: 0, out: 'No runs.\n' })
    expect((await runCommand(runsCommand, '--db', db)).error?.message).toContain("belongs to realm 'acme'")
    await journal.close()
  })

  it('lists what is intact beside what is damaged, and ends with 1', async () => {
    const db = await runsJournal()
    const { DatabaseSync } = await import('node:sqlite')
    const file = new DatabaseSync(db)
    file.exec("UPDATE records SET sum = 1 WHERE address = 'local/errand/e-1'")
    file.close()
    const { code, out, notes } = await runCommand(runsCommand, '--db', db)
    expect(out).toContain('s-1')
    expect(out).not.toContain('e-1')
    expect(notes).toContain('left out: what rests of local/errand/e-1 is damaged')
    expect(code).toBe(1)
  })
})

describe('troupe ps', () => {
  it('tells the state of each actor, its next timer and what it has under way', async () => {
    const db = scratch('parcels.sqlite')
    await parcelJournal(db)
    const { code, out } = await runCommand(psCommand, '--db', db)
    const [head = '', first = '', second = '', ...more] = out.trimEnd().split('\n')
    expect(head).toMatch(/^ADDRESS +STATUS +NEXT TIMER +TASKS +OUTBOX +STASH +CHILDREN +BYTES +STATE$/)
    expect(first).toMatch(/^local\/parcel\/p-1 {2}active {2}- +0 +0 +0 +0 +\d+ {2}waiting$/)
    expect(second).toMatch(/^local\/parcel\/p-2 {2}active {2}in 23h 59m +1 +0 +0 +0 +\d+ {2}travelling$/)
    expect([code, more]).toEqual([0, []])
  })

  it('keeps to one type, and gives scripts the rest of what it knows', async () => {
    const db = await runsJournal()
    await parcelJournal(db)
    const { out } = await runCommand(psCommand, '--db', db, '--type', 'stroll', '--json')
    expect(JSON.parse(out)).toMatchObject([
      { address: 'local/stroll/s-1', status: 'active', state: 'rest', tasks: 1, timers: 0, due: null, restarts: 0 },
    ])
    expect((await runCommand(psCommand, '--db', db, '--type', 'nobody')).out).toBe('No actors.\n')
  })
})
