import { setImmediate as turn } from 'node:timers/promises'
import { errorValue, isTroupeError } from '../../../runtime/protocol/errors.ts'
import type { Recipient, Say } from './kill-line.ts'
import type { KillSwitch } from './kill-switch.ts'
import type { KillTroupe } from './kill-troupe.ts'

/** Numbers of the chain tell by their thousands which life sent them. */
export const NUMBERS_A_LIFE = 1_000_000

const MOST_BURSTS = 2_000
const DELAYS = [0, 15, 250] as const

/** Sends messages of all kinds, many at once, until the process dies. Tells of each that was acknowledged. */
export async function loadTroupe(troupe: KillTroupe, life: number, death: KillSwitch, say: Say): Promise<void> {
  const { scribe, chain, household, alarm, errand } = troupe
  const counts = new Map<string, number>()
  const next = (lane: string): string => {
    const n = (counts.get(lane) ?? 0) + 1
    counts.set(lane, n)
    return `${life}${lane}:${n}`
  }

  async function taken(to: Recipient, id: string, sent: Promise<void>): Promise<void> {
    try {
      await sent
    } catch (thrown) {
      return say({ kind: 'trouble', error: errorValue(thrown) })
    }
    say({ kind: 'acknowledged', to, id })
    if (to === 'errand') death.reach('acknowledged')
  }

  async function note(lane: string): Promise<void> {
    const id = next(lane)
    await taken('scribe', id, scribe.send({ type: 'scribe.note', id }))
  }

  async function write(): Promise<void> {
    const id = next('w')
    try {
      const { place } = await scribe.ask({ type: 'scribe.write', id })
      say({ kind: 'answered', id, place })
    } catch (thrown) {
      say({ kind: 'trouble', error: errorValue(thrown) })
    }
  }

  async function breakDown(): Promise<void> {
    const id = next('b')
    const failed = await scribe.send({ type: 'scribe.break', id }).catch((thrown: unknown) => thrown)
    say(isTroupeError(failed, 'CRASHED') ? { kind: 'refused', id } : { kind: 'trouble', error: errorValue(failed) })
  }

  async function pass(): Promise<void> {
    const id = next('c')
    const n = life * NUMBERS_A_LIFE + Number(id.split(':')[1])
    await taken('chain', id, chain[0].send({ type: 'relay.pass', n }))
  }

  async function raise(): Promise<void> {
    const id = next('h')
    await taken('household', id, household.send({ type: 'household.raise', id }))
  }

  async function wind(burst: number): Promise<void> {
    const id = next('t')
    const delay = DELAYS[burst % DELAYS.length] as number
    await taken('alarm', id, alarm.send({ type: 'alarm.set', id, delay, earliest: Date.now() + delay }))
  }

  async function run(): Promise<void> {
    const id = next('e')
    await taken('errand', id, errand.send({ type: 'errand.run', id }))
  }

  for (let burst = 0; burst < MOST_BURSTS; burst++) {
    const sent = [note('n'), note('m'), note('n'), write(), raise(), wind(burst)]
    // More than a narrow actor has room for; and not so much that it never catches up.
    if (burst < 5 || burst % 20 === 0) sent.push(pass(), pass(), pass())
    if (burst % 2 === 0) sent.push(run())
    if (burst % 4 === 1) sent.push(breakDown(), note('m'))
    // Every other burst goes out while the one before it is being written.
    await (burst % 2 === 0 ? Promise.all(sent) : turn())
  }
}
