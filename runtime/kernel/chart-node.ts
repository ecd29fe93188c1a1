import type { AnyStateMachine } from 'xstate'

/** What the tables read of a state of XState's: the chart as `createMachine` has resolved it. */
export interface ChartNode {
  readonly id: string
  readonly key: string
  readonly type: 'atomic' | 'compound' | 'parallel' | 'history' | 'final'
  /** Its place in the document. */
  readonly order: number
  readonly parent: ChartNode | undefined
  readonly entry: readonly unknown[]
  readonly exit: readonly unknown[]
  readonly invoke: readonly ChartInvoke[]
  readonly initial: ChartEdge
  readonly transitions: ReadonlyMap<string, readonly ChartEdge[]>
  readonly always: readonly ChartEdge[] | undefined
  readonly tags: readonly string[]
  readonly output: unknown
}

/** An actor that a state starts when it is entered. */
export interface ChartInvoke {
  readonly id: string
  readonly src: string
  readonly systemId?: string
  readonly input?: unknown
  readonly onSnapshot?: unknown
}

/** A transition of a state. */
export interface ChartEdge {
  readonly source: ChartNode
  readonly target: readonly ChartNode[] | undefined
  readonly guard: unknown
  readonly actions: readonly unknown[]
  readonly reenter: boolean
}

/** All states of a machine, in the order of the document. */
export function chartNodes(machine: AnyStateMachine): readonly ChartNode[] {
  return [...(machine as unknown as { readonly idMap: ReadonlyMap<string, ChartNode> }).idMap.values()]
}

/** The states around a state, the nearest first, up to but without `top`. */
export function ancestorsOf(node: ChartNode, top?: ChartNode): readonly ChartNode[] {
  const found: ChartNode[] = []
  if (node === top) return found
  for (let at = node.parent; at && at !== top; at = at.parent) found.push(at)
  return found
}

/** True for a state inside the other. Every state is inside `undefined`, which stands for the whole document. */
export function isInside(node: ChartNode, outer: ChartNode | undefined): boolean {
  if (!outer) return true
  for (let at = node.parent; at; at = at.parent) if (at === outer) return true
  return false
}

/** A state, its initial state, and so on down to one that has none. */
export function initialChain(node: ChartNode): readonly ChartNode[] {
  const chain = [node]
  for (let at = node; at.type === 'compound'; chain.push(at)) at = at.initial.target?.[0] as ChartNode
  return chain
}
