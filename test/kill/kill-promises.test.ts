import { describe, expect, it } from 'vitest'
import type { KillLine } from '../support/kill/kill-line.ts'
import { KILL_PROMISES } from '../support/kill/kill-promises.ts'
import type { KillReport } from '../support/kill/kill-report.ts'
import type { KillRound } from '../support/kill/kill-rounds.ts'

/** What two lives may leave that kept all promises: the second died with more in memory than was ever acknowledged. */
const TOLD: readonly KillLine[] = [
  { kind: 'acknowledged', to: 'scribe', id: '1n:1' },
  { kind: 'acknowledged', to: 'scribe', id: '1n:2' },
  { kind: 'answered', id: '1w:1', place: 1 },
  { kind: 'heard', place: 1 },
  { kind: 'acknowledged', to: 'chain', id: '1c:2' },
  { kind: 'acknowledged', to: 'household', id: '1h:1' },
  { kind: 'acknowledged', to: 'alarm', id: '1t:1' },
  { kind: 'acknowledged', to: 'errand', id: '1e:1' },
  { kind: 'refused', id: '1b:1' },
  { kind: 'rang', id: '1t:1', at: 50 },
  { kind: 'rang', id: '2t:9', at: 1 },
]

const REPORT: KillReport = {
  written: ['1n:1', '1w:1', '1n:2', '2n:1'],
  chain: [
    [1_000_001, 1_000_002],
    [1_000_001, 1_000_002],
    [1_000_001, 1_000_002],
  ],
  household: { raised: ['1h:1', '1h:2'], born: ['1h:2', '1h:1'], grown: ['1h:1', '1h:2'] },
  alarms: { set: [{ id: '1t:1', earliest: 50 }], rang: ['1t:1'] },
  errands: {
    run: ['1e:1', '1e:2'],
    outcomes: ['once 1e:1 done', 'often 1e:1 done', 'once 1e:2 INTERRUPTED', 'often 1e:2 done'],
  },
  done: [
    { src: 'once', id: '1e:1', key: 'a' },
    { src: 'often', id: '1e:1', key: 'b' },
    { src: 'often', id: '1e:1', key: 'b' },
    { src: 'often', id: '1e:2', key: 'c' },
  ],
  letters: ['1b:1', '1b:2'],
}

const [applied, heard, chain, family, timers, once, often, letters, trouble] = KILL_PROMISES.map(([name]) => name)
const { household, alarms, errands, done } = REPORT
const again = { src: 'once', id: '1e:1', key: 'a' } as const

/** A fault, the report that has it or the line that tells of it, and the promise that is broken. */
const PLANTED: readonly (readonly [string, Partial<KillReport> | KillLine, string | undefined])[] = [
  ['an acknowledged message is lost', { written: ['1n:1', '1w:1', '2n:1'] }, applied],
  ['a message is applied twice', { written: [...REPORT.written, '2n:1'] }, applied],
  ['messages of a sender change places', { written: ['1n:2', '1w:1', '1n:1', '2n:1'] }, applied],
  ['a message is left out before another', { written: [...REPORT.written, '2n:3'] }, applied],
  ['an errand is forgotten', { errands: { run: [], outcomes: [] } }, applied],
  ['a child is not asked for', { household: { raised: [], born: [], grown: [] } }, applied],
  ['a timer is forgotten', { alarms: { set: [], rang: [] } }, applied],
  ['another has the place that was told', { kind: 'answered', id: '1w:1', place: 0 }, heard],
  ['an event told of what never was', { kind: 'heard', place: 4 }, heard],
  ['the chain ends early', { chain: [REPORT.chain[0] ?? [], [1_000_001]] }, chain],
  ['the chain has one twice', { chain: [[1_000_001, 1_000_002, 1_000_002]] }, chain],
  ['the chain has lost one', { chain: [[1_000_001], [1_000_001], [1_000_001]] }, chain],
  ['a child is born twice', { household: { ...household, born: ['1h:1', '1h:2', '1h:2'] } }, family],
  ['the end of a child is lost', { household: { ...household, grown: ['1h:1'] } }, family],
  ['a timer fires twice', { alarms: { ...alarms, rang: ['1t:1', '1t:1'] } }, timers],
  ['a timer never fires', { alarms: { ...alarms, rang: [] } }, timers],
  ['a timer fires early', { kind: 'rang', id: '1t:1', at: 49 }, timers],
  ['what must not be repeated is', { done: [...done, again] }, once],
  ['what is said to be done is not', { done: done.slice(1) }, once],
  ['nobody hears of an interruption', { errands: { ...errands, outcomes: errands.outcomes.toSpliced(2, 1) } }, once],
  ['an outcome is heard twice', { errands: { ...errands, outcomes: [...errands.outcomes, 'once 1e:1 done'] } }, once],
  ['what may be repeated is given up', { done: done.slice(0, 3) }, often],
  ['a key changes', { done: [...done, { src: 'often', id: '1e:2', key: 'd' }] }, often],
  ['two works have one key', { done: done.map((errand) => ({ ...errand, key: 'a' })) }, often],
  ['nobody hears that it is done', { errands: { ...errands, outcomes: errands.outcomes.slice(0, 3) } }, often],
  ['a dead letter is lost', { letters: [] }, letters],
  ['a dead letter is kept twice', { letters: ['1b:1', '1b:1'] }, letters],
  ['something fails', { kind: 'trouble', error: { code: 'CONFLICT', message: 'it is held' } as never }, trouble],
]

const brokenBy = (round: KillRound) =>
  KILL_PROMISES.filter(([, broken]) => broken(round).length > 0).map(([name]) => name)

describe('the kill matrix', () => {
  it('finds no fault where there is none', () => {
    expect(brokenBy({ told: TOLD, report: REPORT })).toEqual([])
  })

  it.each(PLANTED)('sees when %s', (_, fault, promise) => {
    const round =
      'kind' in fault ? { told: [...TOLD, fault], report: REPORT } : { told: TOLD, report: { ...REPORT, ...fault } }
    expect(brokenBy(round)).toContain(promise)
  })
})
