import type { CommitBatch, Journal, ShardJournal } from '../../../runtime/index.ts'
import { memoryJournal } from '../../../transports/memory/index.ts'

/** A journal whose appends wait until they are let through, or fail. It outlives the runtimes that use it. */
export interface GatedJournal extends Journal {
  /** Appends wait from now on. */
  shut(): void
  /** Lets all through that wait, and all that come. */
  open(): void
  /** The next append fails with the error; with `happened`, after it was written. */
  failNext(error: Error, options?: { readonly happened: boolean }): void
  /** What was appended, in order. */
  readonly appended: readonly CommitBatch[]
}

/** Makes a gated journal in memory. */
export function gatedJournal(): GatedJournal {
  const inner = memoryJournal()
  const appended: CommitBatch[] = []
  let isShut = false
  let waiting: (() => void)[] = []
  let failure: { readonly error: Error; readonly happened: boolean } | null = null

  function gated(shard: ShardJournal): ShardJournal {
    return {
      ...shard,
      async append(batch) {
        if (isShut) await new Promise<void>((resolve) => waiting.push(resolve))
        const failing = failure
        failure = null
        if (!failing || failing.happened) await shard.append(batch)
        if (failing) throw failing.error
        appended.push(batch)
      },
    }
  }

  return {
    ...inner,
    appended,
    own: async (realm, shard, options) => gated(await inner.own(realm, shard, options)),
    close: async () => {},
    shut() {
      isShut = true
    },
    open() {
      isShut = false
      for (const pass of waiting.splice(0)) pass()
    },
    failNext(error, { happened } = { happened: false }) {
      failure = { error, happened }
    },
  }
}
