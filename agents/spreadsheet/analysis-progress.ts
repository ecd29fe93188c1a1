import type { modelCallContract } from '../../machines/model-call.contract.ts'
import { type Address, parseAddress, type Ref, type Runtime, type Terminal } from '../../runtime/index.ts'
import { type CallStanding, callWaits } from './call-waits.ts'
import { agentSuffix } from './phases/agent-plan.ts'

const LOOK_EVERY = 2_000
const STATES: Readonly<Record<string, CallStanding['state']>> = {
  reserving: 'queued',
  admitting: 'queued',
  streaming: 'asking',
  backing_off: 'waiting',
}

/**
 * Shows how the agents of an analysis stand, a line each, and in one more when calls of models wait, are made again or are
 * not answered. Call what it returns when it is over.
 */
export function showProgress(runtime: Runtime, terminal: Terminal, runId = ''): () => void {
  const ofRun = agentSuffix(runId)
  const calls = new Map<Address, CallStanding>()
  let told = ''
  const stop = runtime.inspect((record) => {
    if (record.kind === 'transition') {
      const state = STATES[String(record.value)]
      const call = calls.get(record.address)
      if (call && state && call.state !== state) calls.set(record.address, { ...call, state, since: record.at })
      return
    }
    if (record.kind !== 'actor.started' && record.kind !== 'actor.stopped') return
    const { address, kind, at } = record
    const { type, key } = parseAddress(address)
    if (type === 'model-call') {
      if (kind === 'actor.stopped') calls.delete(address)
      else watchCall(address, at)
    }
    if (type !== 'sheet-agent') return
    // The key is `<workbook hash>.<sheet>`, followed by the name of a durable run.
    const name = key.slice(key.indexOf('.') + 1)
    const sheet = name.endsWith(ofRun) ? name.slice(0, -ofRun.length) : name
    terminal.live(key, `${sheet}: ${kind === 'actor.started' ? 'studying' : 'reported'}`)
  })

  function watchCall(address: Address, since: number): void {
    calls.set(address, { state: 'queued', since, trouble: null, model: null })
    const ref = runtime.ref(address) as unknown as Ref<typeof modelCallContract>
    ref.on('attempt.ended', ({ model, category }) => {
      const call = calls.get(address)
      if (call) calls.set(address, { ...call, model, trouble: category })
    })
  }

  // What has to be told anew is told, and not every call that comes or goes.
  const look = setInterval(() => {
    const note = callWaits(calls.values(), Date.now())
    if (note === null && told !== '') terminal.live('models', 'models: nothing waits any more')
    if (note !== null && note.key !== told) terminal.live('models', note.text)
    told = note?.key ?? ''
  }, LOOK_EVERY)
  look.unref()

  let ended = false
  return () => {
    if (ended) return
    ended = true
    clearInterval(look)
    stop()
    terminal.settle()
  }
}
