import type { Journal } from '../../../runtime/index.ts'
import type { KillSwitch } from './kill-switch.ts'

/** A journal whose process may die right before an append reaches it, or right after. */
export function mortalJournal(journal: Journal, { reach }: KillSwitch): Journal {
  return {
    ...journal,
    async own(realm, name, options) {
      const shard = await journal.own(realm, name, options)
      return {
        ...shard,
        async append(batch) {
          reach('before-append', batch.records)
          await shard.append(batch)
          reach('after-append', batch.records)
        },
      }
    },
  }
}
