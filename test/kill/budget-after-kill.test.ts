import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createRuntime } from 'troupe'
import { sqlite } from 'troupe/transports/sqlite'
import { expect, it } from 'vitest'
import { createBudget } from '../../actors/budget-client.ts'
import { defineBudgetKeeper } from '../../actors/budget-keeper.ts'
import type { BudgetContext } from '../../machines/budget-context.ts'
import { budgetFaults, paidCalls } from '../simulation/budget-truths.ts'
import type { BudgetLine, BudgetPlan } from '../support/kill/budget-process.ts'
import { scratchFolder } from '../support/transports/scratch-folder.ts'

const PROGRAM = fileURLToPath(new URL('../support/kill/budget-process.ts', import.meta.url))
const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 4)
const folder = scratchFolder()
const keeper = defineBudgetKeeper({ durability: 'durable' })

/** Lets a process spend until it has told some lines, and kills it a moment later. Resolves to what it told. */
async function spendUntilKilled(plan: BudgetPlan, count: number): Promise<readonly BudgetLine[]> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(plan)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines: BudgetLine[] = []
  const enough = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout })
      .on('line', (text) => {
        lines.push(JSON.parse(text) as BudgetLine)
        if (lines.length >= count) resolve()
      })
      .on('close', resolve)
  })
  const ended = once(child, 'close')
  await enough
  await pause(Math.random() * 20)
  child.kill('SIGKILL')
  await ended
  return lines
}

/** What the file says of the budget, read without opening it. */
async function committed(file: string): Promise<BudgetContext> {
  const journal = sqlite(file)
  try {
    const view = await journal.view('local')
    const record = await view.read('local/durable-budget/run' as never)
    if (!record) throw new Error('the journal has no record of the budget')
    expect(budgetFaults(record)).toEqual([])
    return record.snapshot.context as BudgetContext
  } finally {
    await journal.close()
  }
}

it(
  'a budget whose process is killed at any moment keeps what was paid, pays nothing twice, and has its holds back',
  async () => {
    const file = folder('budget.db')
    const acknowledged = new Set<number>()
    let from = 0
    for (let round = 0; round < ROUNDS; round++) {
      const lines = await spendUntilKilled({ file, from }, 10 + round * 7)
      expect(lines.filter(({ kind }) => kind === 'trouble')).toEqual([])
      for (const line of lines) if (line.kind === 'settled') acknowledged.add(line.call)
      // The next one begins with calls that this one has made already.
      from = Math.max(0, ...[...acknowledged].map((call) => call - 2))
      const paid = paidCalls(await committed(file))
      for (const call of acknowledged) expect(paid.get(`call-${call}`), `call ${call}`).toBe(call % 13)
    }
    const runtime = await createRuntime({ journal: sqlite(file), actors: [keeper] })
    const limit = { tokens: 100_000 }
    const budget = await createBudget(runtime, { key: 'run', limit, durability: 'durable' })
    await runtime.ref(keeper, 'run').waitFor({ state: 'idle' }, { timeout: '10s' })
    const { settled, held, overrun } = await budget.view()
    const paid = [...paidCalls(await committed(file)).values()].reduce((sum, tokens) => sum + tokens, 0)
    expect([settled.tokens + overrun.tokens, held.tokens]).toEqual([paid, 0])
    expect(acknowledged.size).toBeGreaterThan(ROUNDS)
    await runtime.stop()
  },
  30_000 + ROUNDS * 10_000,
)
