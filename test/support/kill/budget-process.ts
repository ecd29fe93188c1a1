import { writeSync } from 'node:fs'
import { createBudget } from '../../../actors/budget-client.ts'
import { defineBudgetKeeper } from '../../../actors/budget-keeper.ts'
import { errorValue, isTroupeError } from '../../../runtime/protocol/errors.ts'
import { createRuntime } from '../../../runtime/index.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'

/** What a process that spends a budget is to do. It goes to the process as JSON. */
export interface BudgetPlan {
  readonly file: string
  /** It tries the calls from this number on, each a few times over, until it is killed. */
  readonly from: number
}

/** What such a process tells, each in a line of JSON. */
export type BudgetLine =
  | { readonly kind: 'settled'; readonly call: number }
  | { readonly kind: 'refused'; readonly call: number }
  | { readonly kind: 'trouble'; readonly error: unknown }

const plan = JSON.parse(process.argv[2] ?? '{}') as BudgetPlan
// Straight to the descriptor: what was told has left the process.
const say = (line: BudgetLine): void => void writeSync(1, `${JSON.stringify(line)}\n`)

// It does not outlive who started it.
process.stdin.on('end', () => process.exit(1)).resume()

try {
  const keeper = defineBudgetKeeper({ durability: 'durable' })
  const runtime = await createRuntime({ journal: sqlite(plan.file, { durability: 'D1' }), actors: [keeper] })
  const limit = { tokens: 100_000 }
  const budget = await createBudget(runtime, { key: 'run', limit, durability: 'durable' })
  const step = await budget.child('step')
  const attempt = async (call: number): Promise<void> => {
    try {
      const hold = await step.reserve(`call-${call}`, { tokens: 10 }, { ttl: '1s' })
      await hold.settle({ tokens: call % 13 })
      say({ kind: 'settled', call })
    } catch (error) {
      if (!isTroupeError(error, 'BUDGET_EXCEEDED')) throw error
      say({ kind: 'refused', call })
    }
  }
  for (let call = plan.from; ; call++) {
    // The same call again, as by who has not heard of the first.
    await Promise.all([attempt(call), attempt(call), call > plan.from ? attempt(call - 1) : null])
  }
} catch (thrown) {
  say({ kind: 'trouble', error: errorValue(thrown) })
}
process.exit(0)
