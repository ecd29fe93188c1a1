import type { ClaimDirectory } from './claim-directory.ts'
import { TroupeError } from '../../runtime/protocol/errors.ts'

/**
 * A node's word that it is there: one entry of the directory that the servers drop unless it is renewed, one message for
 * all addresses of the node. Every claim names the life of the node that made it, and counts as long as the entry has that
 * life.
 *
 * The node trusts its lease for a shorter time than the servers keep it, counted from before each renewal was sent, by the
 * monotonic clock and by that of the wall (which goes on while a machine sleeps). So whoever stood still for too long knows
 * it at its first look, before it answers anybody. A renewal whose answer is lost is looked up. When the entry has gone, or
 * when the numbers of the directory go back (a disk has lost what was not synced, claims included), the life is over for
 * good: a new one begins, and under it the addresses are claimed anew.
 */
export interface NodeLease {
  /** Names the node's time since it last came into the realm. */
  readonly life: string
  isValid(): boolean
  /**
   * When, by the monotonic clock, new addresses may be claimed. After a loss that is a while later than the old ones: the
   * nodes that lost theirs at the same time come back at about the same time, and each shall find what it had.
   */
  readonly settled: number
  /** Renews at once: the connection is back, or the lease has run out. */
  renew(): void
  /** Resolves when the lease is valid. Rejects with UNAVAILABLE when it is not in time. */
  valid(patience: number): Promise<void>
  /** Stops renewing. Returns the number of the last entry, to take it back. */
  close(): number
}

/** What a lease is made of. */
export interface LeaseTerms {
  readonly node: string
  readonly subject: string
  readonly seconds: number
  newLife(): string
  lost(): void
  regained(): void
}

const SETTLING = 1_000

/** Takes the lease of a node. Rejects with CONFLICT when a node of that name is there. */
export async function takeNodeLease(directory: ClaimDirectory, terms: LeaseTerms): Promise<NodeLease> {
  const { subject, seconds } = terms
  const length = seconds * 1_000
  const trusted = length * 0.85
  let life = terms.newLife()
  let former = ''
  let lapses = 0
  let sequence = 0
  let steady = 0
  let wall = 0
  let settled = 0
  let busy = false
  let closed = false
  let timer: NodeJS.Timeout | undefined
  const hopefuls = new Set<() => void>()

  function isValid(): boolean {
    return performance.now() < steady && Date.now() < wall
  }

  /** Writes the entry; false when another one than expected stands there. */
  async function write(expected: number): Promise<boolean> {
    const [sentAt, sentWall] = [performance.now(), Date.now()]
    const written = await directory.put(subject, life, { expected, ttl: seconds, isUrgent: true })
    if (written === null) return false
    sequence = written
    steady = sentAt + trusted
    wall = sentWall + trusted
    return true
  }

  async function acquire(): Promise<void> {
    for (let expected = 0; !(await write(expected)); ) {
      const found = await directory.read(subject, { isUrgent: true })
      if (found && ![life, former, ''].includes(found.text)) throw taken(terms.node)
      expected = found?.sequence ?? 0
    }
    lapses = directory.lapses
  }

  /** Renews, under the same life if nothing speaks against it. */
  async function keep(): Promise<boolean> {
    if (!(await write(sequence))) {
      const found = await directory.read(subject, { isUrgent: true })
      if (found?.text !== life || !(await write(found.sequence))) return false
    }
    return directory.lapses === lapses
  }

  function lose(): void {
    steady = 0
    sequence = 0
    former = life
    life = terms.newLife()
    terms.lost()
  }

  async function turn(): Promise<void> {
    if (busy || closed) return
    busy = true
    clearTimeout(timer)
    let pause = length / 3
    try {
      if (sequence > 0 && !(await keep())) lose()
      if (sequence === 0) {
        await acquire()
        settled = performance.now() + SETTLING
        if (!closed) terms.regained()
      }
      for (const go of hopefuls) go()
    } catch {
      // No servers, no leader, or another node of our name: until that changes the lease runs out, and is not valid.
      pause = length / 20
    }
    busy = false
    if (!closed) timer = setTimeout(() => void turn(), pause).unref()
  }

  await acquire()
  timer = setTimeout(() => void turn(), length / 3).unref()

  return {
    get life() {
      return life
    },
    get settled() {
      return settled
    },
    isValid,
    renew: () => void turn(),
    async valid(patience) {
      if (isValid()) return
      void turn()
      await new Promise<void>((resolve, reject) => {
        const go = (): void => {
          if (!isValid()) return
          clearTimeout(late)
          hopefuls.delete(go)
          resolve()
        }
        const late = setTimeout(() => {
          hopefuls.delete(go)
          reject(leaseless(terms.node))
        }, patience)
        hopefuls.add(go)
      })
    },
    close() {
      closed = true
      clearTimeout(timer)
      return sequence
    },
  }
}

/** A node that was not heard of for too long speaks for no address. */
export function leaseless(node: string): TroupeError {
  return new TroupeError('UNAVAILABLE', `node ${node} was not heard of for longer than its lease`, {
    where: node,
    hint: 'try again: it takes its place in the realm again, or another node does',
  })
}

function taken(node: string): TroupeError {
  return new TroupeError('CONFLICT', `there is a node ${node} in the realm`, {
    where: node,
    hint: 'give each runtime an id of its own; after a crash the lease of the old one has to run out',
  })
}
