import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Alarms } from './alarm-actor.ts'
import type { ErrandDone, Errands } from './errand-actor.ts'
import type { Household } from './household-actor.ts'
import type { KillTroupe } from './kill-troupe.ts'

/** All that the actors of a kill test know, as one process finds it. */
export interface KillReport {
  readonly written: readonly string[]
  /** What each actor of the chain has seen, from its first to its last. */
  readonly chain: readonly (readonly number[])[]
  readonly household: Household
  readonly alarms: Alarms
  readonly errands: Errands
  /** What the tasks did in the world. */
  readonly done: readonly ErrandDone[]
  /** The ids of the messages that are kept as dead letters. */
  readonly letters: readonly string[]
}

const PATIENCE = 20_000

/** Waits until what was under way has come to its end, and reports. What does not come to an end is reported as it is. */
export async function settledReport(troupe: KillTroupe, errands: string): Promise<KillReport> {
  const giveUp = Date.now() + PATIENCE
  for (;;) {
    const report = await reportOf(troupe, errands)
    if (isSettled(report) || Date.now() > giveUp) return report
    await pause(5)
  }
}

async function reportOf(troupe: KillTroupe, errands: string): Promise<KillReport> {
  const context = async <T>(ref: { state(): Promise<{ readonly context: unknown }> }): Promise<T> =>
    (await ref.state()).context as T
  return {
    written: (await context<{ written: string[] }>(troupe.scribe)).written,
    chain: await Promise.all(troupe.chain.map(async (link) => (await context<{ seen: number[] }>(link)).seen)),
    household: await context(troupe.household),
    alarms: await context(troupe.alarm),
    errands: await context(troupe.errand),
    letters: (await troupe.runtime.deadLetters.kept()).map(({ event }) => String(event['id'])),
    done: errandsIn(errands),
  }
}

function isSettled({ chain, household, alarms, errands }: KillReport): boolean {
  const { raised, born, grown } = household
  return (
    chain.every((seen) => seen.length === chain[0]?.length) &&
    born.length >= raised.length &&
    grown.length >= raised.length &&
    alarms.rang.length >= alarms.set.length &&
    errands.outcomes.length >= errands.run.length * 2
  )
}

/** What the tasks of a file's processes have done so far. */
export function errandsIn(file: string): ErrandDone[] {
  const lines = readFileSync(file, { encoding: 'utf8', flag: 'a+' }).split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ErrandDone)
}
