import type { ActorRecord } from '../../../runtime/index.ts'
import type { Say } from './kill-line.ts'
import type { KillPlan, KillPoint } from './kill-plan.ts'

/** Kills this process at the moment that its plan names. */
export interface KillSwitch {
  /** From now on the passages count, if they did not from the start. */
  arm(): void
  /** This moment is passed; it may be the last. */
  reach(point: KillPoint, batch?: readonly ActorRecord[]): void
}

/** Makes the switch of a plan. */
export function createKillSwitch({ death }: KillPlan, say: Say): KillSwitch {
  let isArmed = death?.from === 'start'
  let passed = 0
  return {
    arm() {
      isArmed = true
    },
    reach(point, batch = []) {
      if (!isArmed || point !== death?.point || ++passed < death.nth) return
      say({ kind: 'dying', point, batch })
      // The system ends the process before this call returns: not one instruction of it follows.
      process.kill(process.pid, 'SIGKILL')
    },
  }
}
