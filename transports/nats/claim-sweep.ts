import { holderOf, livingHolder } from './address-claims.ts'
import type { ClaimDirectory } from './claim-directory.ts'
import type { NatsSubjects } from './nats-subjects.ts'
import type { NodeLease } from './node-lease.ts'

/**
 * Takes what dead nodes have left out of the directory, so that it holds no more than what lives. Nobody has to: such an
 * entry counts for nothing. One node of the realm at a time reads the claims, one after the other, some time after it has
 * joined and now and then. It removes entries by their numbers: one that was written over meanwhile is another one.
 */
export interface ClaimSweep {
  close(): void
}

/** In leases: when a node first looks, how often then, and for how long no other does. */
const [FIRST, EVERY, ALONE] = [3, 60, 30] as const

/** Starts looking after the directory. */
export function createClaimSweep(
  tools: { directory: ClaimDirectory; subjects: NatsSubjects; lease: NodeLease },
  leaseSeconds: number,
): ClaimSweep {
  const { directory, subjects, lease } = tools
  const unit = leaseSeconds * 1_000
  let closed = false

  async function sweep(): Promise<void> {
    const turn = await directory.put(subjects.sweeper, lease.life, { expected: 0, ttl: ALONE * leaseSeconds })
    if (turn === null) return
    const dead = new Map<string, boolean>()
    let from = 1
    for (;;) {
      const entry = await directory.next(subjects.claims, from)
      if (!entry || closed) return
      from = entry.sequence + 1
      const life = holderOf(entry.text)?.life
      // What was given back goes by itself.
      if (life === undefined) continue
      const isDead = dead.get(life) ?? (await livingHolder(tools, entry)) === undefined
      dead.set(life, isDead)
      if (isDead) await directory.drop(entry.sequence)
    }
  }

  function plan(leases: number): NodeJS.Timeout {
    return setTimeout(() => {
      // What fails now is done by whoever looks next.
      void sweep()
        .catch(() => {})
        .then(() => {
          if (!closed) timer = plan(EVERY)
        })
    }, leases * unit).unref()
  }

  let timer = plan(FIRST)
  return {
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}
