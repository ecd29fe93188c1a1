import { ancestorsOf, type ChartEdge, type ChartNode, initialChain, isInside } from './chart-node.ts'

/** Where a transition leads from one configuration: a list of states to leave, innermost first, and one to enter. */
export interface ChartPath {
  readonly exits: readonly ChartNode[]
  readonly enters: readonly ChartNode[]
  /** Those of `enters` that are entered by default, so that the actions of their initial transitions belong to it. */
  readonly defaults: ReadonlySet<ChartNode>
  /** The innermost state it leads to. */
  readonly leaf: ChartNode
}

/**
 * The path of a transition in a chart without regions and history, after the algorithm of SCXML as XState has it. `nodes`
 * are the states it starts from, the outermost first.
 */
export function chartPath(edge: ChartEdge, nodes: readonly ChartNode[]): ChartPath {
  const target = edge.target?.[0]
  if (!target) return { exits: [], enters: [], defaults: new Set(), leaf: nodes.at(-1) as ChartNode }
  const { source, reenter } = edge
  const domain = domainOf(edge, target)
  const exits = nodes.filter((node) => isInside(node, domain)).reverse()
  const below = initialChain(target)
  const defaults = new Set(below)
  if (source === target && source === domain && !reenter) defaults.delete(target)
  const enters = [...ancestorsOf(target, domain), ...defaults].sort((a, b) => a.order - b.order)
  return { exits, enters, defaults, leaf: below.at(-1) as ChartNode }
}

/** The path into the first state. */
export function initialPath(root: ChartNode): ChartPath {
  const enters = initialChain(root)
  return { exits: [], enters, defaults: new Set(enters), leaf: enters.at(-1) as ChartNode }
}

// The innermost state that the transition does not leave; undefined when it leaves the root as well.
function domainOf({ source, reenter }: ChartEdge, target: ChartNode): ChartNode | undefined {
  if (!reenter && (target === source || isInside(target, source))) return source
  const common = ancestorsOf(target).find((node) => isInside(source, node))
  if (common || reenter) return common
  return ancestorsOf(source).at(-1) ?? source
}
