import type { Address } from '../../runtime/protocol/address.ts'
import { asTroupeError, isTroupeError, TroupeError } from '../../runtime/protocol/errors.ts'
import type { ClaimDirectory, DirectoryEntry } from './claim-directory.ts'
import { closedLink } from './nats-failure.ts'
import type { NatsSubjects } from './nats-subjects.ts'
import { leaseless, type NodeLease } from './node-lease.ts'

/**
 * Which addresses live on this node. The servers decide: an entry of the directory says which life of which node holds the
 * address, and is written only over the entry its writer has read (compare-and-set by the subject's last sequence).
 *
 * States of an address here: claiming (the write is on its way, or its outcome unknown), held, lost, releasing, none.
 * What holds at all times:
 * - One life at most holds an address: the entry names it, and the directory has one entry a subject.
 * - An entry counts as long as the lease of its node has its life (node-lease.ts). Over one that does not, anybody may write.
 * - A claim is held only if the lease was valid after the entry was written: a zombie's late write counts for nothing.
 *
 * What each failure does:
 * - The answer to a write is lost: the entry is read and compared. It is ours or it is not.
 * - A node dies, or stands still for longer than its lease: nobody renews the lease, its entries stop counting.
 * - It comes back: frames are turned away while its lease is not valid. Under its new life it claims all its addresses again;
 *   one that another node has meanwhile is lost, its frames are turned away for good, and `onStatus` hears of it.
 * - The servers restart: the directory rests on their disks. Should it be gone, or should they be away for longer than the
 *   leases, all nodes lose theirs at once. Each claims what it had, and nothing new until the others have had time for that.
 * - A release cannot be sent: it is tried until it can, or the life is over.
 */
export interface AddressClaims {
  /** Resolves when the address is ours. Rejects with CONFLICT when another node holds it. */
  take(address: Address): Promise<void>
  release(address: Address): void
  standing(address: Address): Standing
  /** Runs when it is known whether a claim succeeds, and whoever made it has had its turn. In order. */
  settled(address: Address, run: () => void): void
  /** The node has a new life: what it held has to be claimed under it. */
  retakeAll(): void
  close(): void
}

/** How an address stands to this node. */
export type Standing = 'none' | 'claiming' | 'held' | 'lost'

interface Claim {
  standing: Standing
  sequence: number
  /** Resolves, and never rejects, when the last write has come to something. */
  work: Promise<unknown>
  /** What waits for the claim, while there is something. */
  line: (() => void)[] | null
}

/** What claims are made with. */
export interface ClaimTools {
  readonly node: string
  readonly directory: ClaimDirectory
  readonly subjects: NatsSubjects
  readonly lease: NodeLease
  readonly patience: number
  lost(address: Address): void
}

const MOST_TRIES = 20

/** Makes the claims of a node, with none. */
export function createAddressClaims(tools: ClaimTools): AddressClaims {
  const { node, directory, subjects, lease, patience } = tools
  const claims = new Map<Address, Claim>()
  const leaving = new Map<Address, Promise<void>>()
  let closed = false

  // What was written under a life goes with it, and what was left undone at the end as well.
  const isOver = (life: string): boolean => closed || lease.life !== life

  async function settling(): Promise<void> {
    await lease.valid(patience)
    const rest = lease.settled - performance.now()
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest))
  }

  /** Writes our entry. Resolves to its number. */
  async function win(address: Address): Promise<number> {
    const subject = subjects.claim(address)
    let expected = 0
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      if (closed) throw closedLink(node)
      await lease.valid(patience)
      const { life } = lease
      const text = holderText(node, life)
      const written = await directory.put(subject, text, { expected }).catch((error: unknown) => {
        if (tries + 1 < MOST_TRIES && isTroupeError(error, 'UNAVAILABLE')) return null
        throw error
      })
      if (written !== null && lease.isValid() && lease.life === life) return written
      const found = await directory.read(subject)
      if (found?.text === text && lease.isValid() && lease.life === life) return found.sequence
      const holder = found && (await livingHolder(tools, found))
      if (holder !== undefined && holder !== node) throw elsewhere(address, holder)
      expected = found?.sequence ?? 0
    }
    throw leaseless(node)
  }

  async function settle(address: Address, claim: Claim, ready?: Promise<void>): Promise<void> {
    const before = claim.standing
    claim.standing = 'claiming'
    claim.line ??= []
    try {
      await ready
      claim.sequence = await win(address)
      claim.standing = 'held'
    } catch (error) {
      if (claims.get(address) === claim) claims.delete(address)
      claim.standing = before === 'none' ? 'none' : 'lost'
      throw error
    } finally {
      // Whoever claims it starts its actor when this promise has resolved: what was waiting for that comes after.
      setImmediate(() => {
        const { line } = claim
        claim.line = null
        for (const run of line ?? []) run()
      })
    }
  }

  async function retake(address: Address, claim: Claim): Promise<void> {
    try {
      await settle(address, claim)
    } catch (error) {
      if (closed || claims.has(address)) return
      claims.set(address, claim)
      if (isTroupeError(error, 'CONFLICT')) return tools.lost(address)
      // Nobody is known to have it: as long as that lasts it is tried again.
      setTimeout(() => {
        if (!closed && claims.get(address) === claim) claim.work = retake(address, claim)
      }, 1_000).unref()
    }
  }

  async function giveBack(address: Address, claim: Claim): Promise<void> {
    await claim.work
    const { life } = lease
    for (let wait = 50; !isOver(life); wait = Math.min(wait * 2, 2_000)) {
      try {
        if (claim.sequence > 0) await directory.put(subjects.claim(address), '', { expected: claim.sequence, ttl: 1 })
        return
      } catch {
        await new Promise((resolve) => setTimeout(resolve, wait).unref())
      }
    }
  }

  /** Takes back what may be ours without our knowing: nobody else could have it. */
  async function disown(address: Address): Promise<void> {
    const { life } = lease
    const subject = subjects.claim(address)
    for (let tries = 0; tries < MOST_TRIES && !isOver(life) && !claims.has(address); tries++) {
      try {
        const found = await directory.read(subject)
        if (found?.text !== holderText(node, life)) return
        if ((await directory.put(subject, '', { expected: found.sequence, ttl: 1 })) !== null) return
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 500).unref())
      }
    }
  }

  return {
    async take(address) {
      for (let other = leaving.get(address); other; other = leaving.get(address)) await other
      const found = claims.get(address)
      if (found && found.standing !== 'lost') {
        if (found.standing === 'claiming') await found.work
        const now = claims.get(address)
        if (now === found && found.standing === 'held') return
      }
      const claim: Claim = { standing: 'none', sequence: 0, work: Promise.resolve(), line: null }
      claims.set(address, claim)
      const taken = settle(address, claim, settling())
      claim.work = taken.catch(() => {})
      try {
        await taken
      } catch (error) {
        if (!closed && !isTroupeError(error, 'CONFLICT')) void disown(address)
        throw asTroupeError(error)
      }
    },
    release(address) {
      const claim = claims.get(address)
      if (!claim) return
      claims.delete(address)
      if (claim.standing === 'lost') return
      const left = giveBack(address, claim).finally(() => {
        if (leaving.get(address) === left) leaving.delete(address)
      })
      leaving.set(address, left)
    },
    standing: (address) => claims.get(address)?.standing ?? 'none',
    settled(address, run) {
      const line = claims.get(address)?.line
      if (line) line.push(run)
      else run()
    },
    retakeAll() {
      for (const [address, claim] of claims) {
        if (claim.standing === 'held') claim.work = retake(address, claim)
      }
    },
    close() {
      closed = true
      claims.clear()
    },
  }
}

/** The node whose entry this is, if the entry counts. */
export async function livingHolder(
  { directory, subjects }: Pick<ClaimTools, 'directory' | 'subjects'>,
  { text }: DirectoryEntry,
): Promise<string | undefined> {
  const holder = holderOf(text)
  if (!holder) return undefined
  const lease = await directory.read(subjects.lease(holder.node))
  return lease?.text === holder.life ? holder.node : undefined
}

/** Who an entry names; nobody in one that was given back. */
export function holderOf(text: string): { readonly life: string; readonly node: string } | undefined {
  const gap = text.indexOf(' ')
  return gap < 0 ? undefined : { life: text.slice(0, gap), node: text.slice(gap + 1) }
}

function holderText(node: string, life: string): string {
  return `${life} ${node}`
}

function elsewhere(address: Address, node: string): TroupeError {
  return new TroupeError('CONFLICT', `${address} lives on node ${node}`, {
    where: address,
    hint: 'talk to it there by its address',
  })
}
