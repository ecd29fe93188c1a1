import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ActorRecord } from '../../../runtime/index.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'
import type { ErrandDone } from './errand-actor.ts'
import { endLives, type KillLife, startLife } from './kill-life.ts'
import type { KillLine } from './kill-line.ts'
import type { KillPlan } from './kill-plan.ts'
import { errandsIn, type KillReport } from './kill-report.ts'

/** What was told until a process reported, and its report: all that a promise can be held against. */
export interface KillRound {
  readonly told: readonly KillLine[]
  readonly report: KillReport
}

/** A process that died, and what it left. */
export interface KilledLife {
  readonly lines: readonly KillLine[]
  readonly signal: NodeJS.Signals | null
  /** The records in the file. */
  readonly left: readonly ActorRecord[]
  /** What its tasks, and those before, had done in the world. */
  readonly done: readonly ErrandDone[]
  /** What the next process made of it; undefined when that one died as well before it could report. */
  readonly found: KillReport | undefined
}

/** What was seen of many processes, one after another, that were killed. */
export interface KillHistory {
  readonly rounds: readonly KillRound[]
  readonly killed: readonly KilledLife[]
}

/** How many processes are killed for each kind of death. Fewer than five would not meet it in all its forms. */
export const KILL_ROUNDS = Math.max(5, Number(process.env['KILL_ROUNDS'] ?? 5))

// So many work on one file, each after the death of the one before: then a fresh one keeps the lists short.
const LIVES_A_FILE = 10

/** The plan of the n-th process, apart from where it works; and its murderer, for one that does not kill itself. */
export interface KillRoundPlan {
  readonly death: KillPlan['death']
  readonly murder?: (life: KillLife) => Promise<void>
}

/** Kills so many processes, and has the next one find what each left behind. */
export async function killRounds(planOf: (round: number) => KillRoundPlan, rounds = KILL_ROUNDS): Promise<KillHistory> {
  const history = { rounds: [] as KillRound[], killed: [] as KilledLife[] }
  for (let first = 0; first < rounds; first += LIVES_A_FILE) {
    const plans = Array.from({ length: Math.min(LIVES_A_FILE, rounds - first) }, (_, at) => planOf(first + at))
    const folder = mkdtempSync(join(tmpdir(), 'troupe-'))
    try {
      await killOnFile(folder, plans, history)
    } finally {
      await endLives()
      rmSync(folder, { recursive: true })
    }
  }
  return history
}

async function killOnFile(
  folder: string,
  plans: readonly KillRoundPlan[],
  { rounds, killed }: { rounds: KillRound[]; killed: KilledLife[] },
): Promise<void> {
  const file = join(folder, 'runs.sqlite')
  const place = { file, errands: join(folder, 'errands.jsonl') }
  const told: KillLine[] = []
  let dead: Omit<KilledLife, 'found'> | null = null
  const take = (lines: readonly KillLine[]): void => {
    let found: KillReport | undefined
    for (const line of lines) {
      if (line.kind === 'report') found = line.report
      if (line.kind === 'report') rounds.push({ told: [...told], report: line.report })
      else told.push(line)
    }
    if (dead) killed.push({ ...dead, found })
  }
  for (const [life, { death, murder }] of plans.entries()) {
    const started = startLife({ ...place, life: life + 1, death, then: 'work' })
    await murder?.(started)
    const signal = await started.ended
    take(started.lines)
    dead = { lines: started.lines, signal, left: await recordsIn(file), done: errandsIn(place.errands) }
  }
  const last = startLife({ ...place, life: plans.length + 1, death: null, then: 'stop' })
  const signal = await last.ended
  take(last.lines)
  if (signal !== null || !last.lines.some(({ kind }) => kind === 'report')) {
    throw new Error(`the last process ended by ${signal} and told ${JSON.stringify(last.lines)}`)
  }
}

async function recordsIn(file: string): Promise<ActorRecord[]> {
  // A process may die before it has a file.
  if (!existsSync(file)) return []
  const journal = sqlite(file)
  try {
    const records: ActorRecord[] = []
    for await (const record of (await journal.view('local')).records()) records.push(record)
    return records
  } finally {
    await journal.close()
  }
}
