import { parseAddress, type Runtime, type Terminal } from '../../runtime/index.ts'
import { agentSuffix } from './phases/agent-plan.ts'

/** Shows how the agents of an analysis stand, a line each. Call what it returns when it is over. */
export function showProgress(runtime: Runtime, terminal: Terminal, runId = ''): () => void {
  const ofRun = agentSuffix(runId)
  const stop = runtime.inspect((record) => {
    if (record.kind !== 'actor.started' && record.kind !== 'actor.stopped') return
    const { type, key } = parseAddress(record.address)
    if (type !== 'sheet-agent') return
    // The key is `<workbook hash>.<sheet>`, followed by the name of a durable run.
    const name = key.slice(key.indexOf('.') + 1)
    const sheet = name.endsWith(ofRun) ? name.slice(0, -ofRun.length) : name
    terminal.live(key, `${sheet}: ${record.kind === 'actor.started' ? 'studying' : 'reported'}`)
  })
  let ended = false
  return () => {
    if (ended) return
    ended = true
    stop()
    terminal.settle()
  }
}
