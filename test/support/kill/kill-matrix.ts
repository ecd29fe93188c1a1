import { beforeAll, expect, it } from 'vitest'
import { KILL_PROMISES } from './kill-promises.ts'
import { KILL_ROUNDS, type KilledLife, killRounds, type KillRoundPlan } from './kill-rounds.ts'

/** What is known of the processes that were killed, once they were. */
export interface KillMatrix {
  readonly killed: readonly KilledLife[]
}

/** Kills processes as planned, and holds all promises of durable actors against what the processes after them find. */
export function killMatrix(planOf: (round: number) => KillRoundPlan): KillMatrix {
  const matrix = { killed: [] as readonly KilledLife[] }
  let history: Awaited<ReturnType<typeof killRounds>> = { rounds: [], killed: [] }
  beforeAll(
    async () => {
      history = await killRounds(planOf)
      matrix.killed = history.killed
    },
    30_000 + KILL_ROUNDS * 20_000,
  )

  it('kills a process in every round', () => {
    expect(history.killed.map(({ signal }) => signal)).toEqual(Array.from({ length: KILL_ROUNDS }, () => 'SIGKILL'))
    expect(history.rounds.at(-1)?.report.written.length).toBeGreaterThan(0)
  })

  it.each(KILL_PROMISES)('%s', (_, broken) => {
    expect(history.rounds.flatMap((round, at) => broken(round).map((fault) => `round ${at}: ${fault}`))).toEqual([])
  })

  return matrix
}
