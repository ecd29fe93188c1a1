import type { CommitBatch, Journal, JournalView, ShardJournal } from '../ports/journal.ts'
import { TroupeError } from '../protocol/errors.ts'
import { never, type NodeLife } from './node-life.ts'
import type { SimulationReport } from './simulation-report.ts'

const SLOWEST = 200

/** A journal as one life of a node sees it. Closing it leaves the medium open: the next life finds it as it was. */
export function faultyJournal(inner: Journal, life: NodeLife, report: SimulationReport, die: () => void): Journal {
  const { node, plan } = life

  async function reach(what: string): Promise<void> {
    if (!life.alive) return never()
    if (plan.strikes('slowJournal', node, what)) await life.pause(plan.draw(SLOWEST))
  }

  async function* each<T>(what: string, source: AsyncIterable<T>): AsyncGenerator<T> {
    await reach(what)
    for await (const item of source) {
      yield item
      await reach(what)
    }
  }

  function viewed(view: JournalView): JournalView {
    return {
      async read(address) {
        await reach(`read ${address}`)
        const record = await life.guard(view.read(address))
        await reach(`read ${address}`)
        return record
      },
      records: (type) => each('records', view.records(type)),
      letters: () => each('letters', view.letters()),
    }
  }

  function owned(shard: ShardJournal): ShardJournal {
    async function append(batch: CommitBatch): Promise<void> {
      const what = describe(batch)
      await reach(`append ${what}`)
      if (plan.strikes('crashBeforeCommit', node, what)) return dead()
      const fails = plan.strikes('failedAppend', node, what)
      if (fails && plan.draw(2) === 1) throw failed(shard, 'did not happen')
      const records = batch.records.map(({ address, incarnation, commit }) => ({ address, incarnation, commit }))
      const entry = { node, journal: inner, shard: shard.shard, epoch: shard.epoch, records }
      await life.guard(shard.append(batch).then(() => report.commit(entry)))
      if (plan.strikes('crashAfterCommit', node, what)) return dead()
      if (fails) throw failed(shard, 'happened')
      await reach(`acknowledge ${what}`)
    }

    return {
      shard: shard.shard,
      epoch: shard.epoch,
      async readEach(addresses) {
        const what = `read ${addresses.join(' ')}`
        await reach(what)
        const readings = await life.guard(shard.readEach(addresses))
        await reach(what)
        return readings
      },
      append,
      wakes: () => each('wakes', shard.wakes()),
      async expire(now) {
        await reach('expire')
        return life.guard(shard.expire(now))
      },
      async release() {
        await reach('release')
        return life.guard(shard.release())
      },
      ...viewed(shard),
    }
  }

  function dead(): Promise<never> {
    die()
    return never()
  }

  return {
    name: inner.name,
    durability: inner.durability,
    async own(realm, shard, options) {
      await reach(`own ${shard}`)
      return owned(await life.guard(inner.own(realm, shard, options)))
    },
    async view(realm) {
      await reach('view')
      return viewed(await life.guard(inner.view(realm)))
    },
    close: async () => {},
  }
}

function describe({ records, removed, letters }: CommitBatch): string {
  const parts = records.map(({ address, commit }) => `${address}#${commit}`)
  return [...parts, ...removed.map((address) => `-${address}`), ...(letters ?? []).map(({ id }) => `+${id}`)].join(' ')
}

function failed({ shard }: ShardJournal, outcome: string): TroupeError {
  return new TroupeError('STORAGE', `the simulated disk failed an append, which ${outcome}`, { where: shard })
}
