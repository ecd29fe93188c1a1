import { deepStrictEqual } from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { setImmediate as giveWay } from 'node:timers/promises'
import { createRuntime, type Runtime } from '../../../runtime/index.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'
import type { Probe } from '../bench-case.ts'
import { tally } from './durable-counter.ts'
import { journalPath } from './durable-journal.ts'

const COUNT = 10_000
const HOUR = 3_600_000
const KEYS = Array.from({ length: COUNT }, (_, index) => `t-${index}`)

/** Troupe: actors a second of CPU that are back in memory because their timers are overdue, the runtime's start included. */
export function recoverDue(): Promise<Probe> {
  return probe(HOUR, null, allBack)
}

/** The same until all timers have fired and what came of them is committed. */
export function recoverSettled(): Promise<Probe> {
  return probe(HOUR, 'counting', async (runtime) => {
    await allBack(runtime)
    const last = runtime.ref(tally, KEYS.at(-1) as string)
    while ((await last.state()).value === 'waiting') await giveWay()
    // What is acknowledged later than a commit stands behind it.
    await last.send({ type: 'tally.add' })
  })
}

/** Troupe: actors a second of CPU that come back because someone looks at them. */
export function recoverPassive(): Promise<Probe> {
  return probe(null, 'counting', async (runtime) => {
    await states(runtime)
  })
}

async function probe(
  due: number | null,
  last: string | null,
  bring: (runtime: Runtime) => Promise<void>,
): Promise<Probe> {
  const written = await writeActors(due)
  const recover = async (): Promise<readonly [Runtime, number]> => {
    const path = journalPath()
    copyFileSync(written, path)
    const before = process.cpuUsage()
    const runtime = await createRuntime({ journal: sqlite(path), actors: [tally] })
    await bring(runtime)
    const { user, system } = process.cpuUsage(before)
    return [runtime, (COUNT * 1e6) / (user + system)]
  }
  return {
    check: async () => {
      const [runtime] = await recover()
      deepStrictEqual(runtime.actors().length, COUNT)
      if (last) deepStrictEqual(new Set(await states(runtime)), new Set([last]))
      await runtime.stop()
    },
    sample: async () => {
      const [runtime, speed] = await recover()
      await runtime.stop()
      return speed
    },
  }
}

async function writeActors(due: number | null): Promise<string> {
  const path = journalPath()
  // A clock that is a day late: the timers set by it are long overdue.
  const clock = { now: () => Date.now() - 24 * HOUR, alarm: () => () => {} }
  const runtime = await createRuntime({ journal: sqlite(path), actors: [tally], clock })
  await Promise.all(KEYS.map((key) => runtime.spawn(tally, { key, input: { due } })))
  await runtime.stop()
  return path
}

async function allBack(runtime: Runtime): Promise<void> {
  while (runtime.actors().length < COUNT) await giveWay()
}

async function states(runtime: Runtime): Promise<readonly unknown[]> {
  return Promise.all(KEYS.map(async (key) => (await runtime.ref(tally, key).state()).value))
}
