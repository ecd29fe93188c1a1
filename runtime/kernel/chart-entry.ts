import type { MessageEvent } from '../protocol/contract.ts'
import { type EntryScope, performAll } from './chart-actions.ts'
import type { ChartNode } from './chart-node.ts'
import { type ChartRun, touch, viewOfRun } from './chart-run.ts'
import type { ChartEntry } from './chart-table.ts'

/** Enters states, the outermost first: their actions, their actors, and what follows when one of them is final. */
export function enterAll(run: ChartRun, entries: readonly ChartEntry[], event: MessageEvent): void {
  for (let index = 0; index < entries.length; index++) {
    const { node, actions, starting } = entries[index] as ChartEntry
    if (actions.length > 0) {
      const entry: EntryScope = { starting, retries: [] }
      performAll(run, actions, event, entry)
      for (const [action, params] of entry.retries) action.retryResolve?.(run.scope, viewOfRun(run), params)
    }
    if (node.type === 'final') finish(run, node, event)
  }
}

function finish(run: ChartRun, node: ChartNode, event: MessageEvent): void {
  const { parent, output } = node
  if (parent) {
    const result = output === undefined ? undefined : resolved(run, output, event)
    ;(run.queue ??= []).push(doneEvent(parent, result))
  }
  // One inside another state ends that; one of the root ends the machine.
  if (parent?.parent) return
  run.output = machineOutput(run, node, event)
  run.status = 'done'
  touch(run)
}

function machineOutput(run: ChartRun, node: ChartNode, event: MessageEvent): unknown {
  const { output } = run.machine.root as unknown as ChartNode
  if (output === undefined) return undefined
  const isOwn = node.output !== undefined && node.parent
  return resolved(run, output, doneEvent(node, isOwn ? resolved(run, node.output, event) : undefined))
}

function doneEvent({ id }: ChartNode, output: unknown): MessageEvent {
  return { type: `xstate.done.state.${id}`, output }
}

function resolved({ context, scope }: ChartRun, output: unknown, event: MessageEvent): unknown {
  if (typeof output !== 'function') return output
  return (output as (args: object) => unknown)({ context, event, self: scope.self })
}
