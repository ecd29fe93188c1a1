import { writeSync } from 'node:fs'
import { errorValue } from '../../../runtime/protocol/errors.ts'
import type { Say } from './kill-line.ts'
import { loadTroupe } from './kill-load.ts'
import type { KillPlan } from './kill-plan.ts'
import { settledReport } from './kill-report.ts'
import { createKillSwitch } from './kill-switch.ts'
import { openTroupe } from './kill-troupe.ts'

/**
 * A process of the kill tests: it finds what the one before it left, reports, and takes messages until it dies as its plan
 * says. Its argument is the plan as JSON.
 */
const plan = JSON.parse(process.argv[2] ?? '{}') as KillPlan
// Straight to the descriptor: what was told has left the process.
const say: Say = (line) => void writeSync(1, `${JSON.stringify(line)}\n`)
const death = createKillSwitch(plan, say)

// It does not outlive who started it.
process.stdin.on('end', () => process.exit(1)).resume()

try {
  const troupe = await openTroupe(plan, death, say)
  say({ kind: 'report', report: await settledReport(troupe, plan.errands) })
  death.arm()
  if (plan.then === 'work') await loadTroupe(troupe, plan.life, death, say)
  await troupe.runtime.stop()
} catch (thrown) {
  say({ kind: 'trouble', error: errorValue(thrown) })
}
process.exit(0)
