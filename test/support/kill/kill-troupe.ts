import { appendFileSync } from 'node:fs'
import { createRuntime, type InspectionRecord, type Ref, type Runtime } from '../../../runtime/index.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'
import { relayActor, type relayContract } from '../runtime/durable-family.ts'
import { alarm } from './alarm-actor.ts'
import { errandActor } from './errand-actor.ts'
import { household } from './household-actor.ts'
import type { Say } from './kill-line.ts'
import type { KillPlan } from './kill-plan.ts'
import type { KillSwitch } from './kill-switch.ts'
import { mortalJournal } from './mortal-journal.ts'
import { scribe } from './scribe-actor.ts'

const first = relayActor({ type: 'first' })
// So narrow that messages have to wait in the outboxes of those before it, over many appends.
const narrow = relayActor({ type: 'narrow', mailbox: { capacity: 2 } })

/** The actors of a kill test, in one process. */
export interface KillTroupe {
  readonly runtime: Runtime
  readonly scribe: Ref<(typeof scribe)['contract']>
  readonly chain: readonly [Ref<typeof relayContract>, Ref<typeof relayContract>, Ref<typeof relayContract>]
  readonly household: Ref<(typeof household)['contract']>
  readonly alarm: Ref<(typeof alarm)['contract']>
  readonly errand: Ref<ReturnType<typeof errandActor>['contract']>
}

/** Opens a runtime on the file of a plan, and spawns the actors or finds them. */
export async function openTroupe(plan: KillPlan, death: KillSwitch, say: Say): Promise<KillTroupe> {
  const errand = errandActor({
    begin: () => death.reach('task-started'),
    work(done) {
      appendFileSync(plan.errands, `${JSON.stringify(done)}\n`)
      death.reach('task-worked')
    },
  })
  // Either class outlives a killed process.
  const durability = plan.life % 2 === 0 ? 'D1' : 'D2'
  const runtime = await createRuntime({
    journal: mortalJournal(sqlite(plan.file, { durability }), death),
    actors: [scribe, first, narrow, household, alarm, errand],
    inspect: observer(death, say),
  })
  say({ kind: 'opened' })
  const last = await runtime.spawn(narrow, { key: 'last', input: { next: null } })
  const middle = await runtime.spawn(narrow, { key: 'middle', input: { next: last.address } })
  const head = await runtime.spawn(first, { key: 'head', input: { next: middle.address } })
  const troupe: KillTroupe = {
    runtime,
    scribe: await runtime.spawn(scribe, { key: 'main' }),
    chain: [head, middle, last],
    household: await runtime.spawn(household, { key: 'main' }),
    alarm: await runtime.spawn(alarm, { key: 'main' }),
    errand: await runtime.spawn(errand, { key: 'main' }),
  }
  troupe.scribe.on('scribe.wrote', ({ place }) => say({ kind: 'heard', place }))
  return troupe
}

function observer(death: KillSwitch, say: Say): (record: InspectionRecord) => void {
  return (record) => {
    if (record.kind === 'transition' && record.event.startsWith('rang.')) {
      say({ kind: 'rang', id: record.event.slice('rang.'.length), at: record.at })
    } else if (record.kind === 'effect') {
      if (record.error) say({ kind: 'trouble', error: record.error })
      if (record.effect === 'sayPlace') death.reach('effect-left')
    } else if (record.kind === 'actor.quarantined') {
      say({ kind: 'trouble', error: record.error })
    } else if (record.kind === 'shard' && record.error) {
      say({ kind: 'trouble', error: record.error })
    }
  }
}
