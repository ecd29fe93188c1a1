import type { ChartNode } from './chart.ts'

/** A state value as a chart understands it. */
export interface ChartValue {
  /** With the initial states of what the value leaves open. */
  readonly value: unknown
  /** The states that are active, parents first. */
  readonly active: readonly ChartNode[]
}

/** Reads a state value against a chart, more strictly than XState does. Throws an error that names what is not there. */
export function readValue(root: ChartNode, value: unknown): ChartValue {
  const active: ChartNode[] = []
  const read = (node: ChartNode, given: unknown): unknown => {
    active.push(node)
    const named = namedIn(node, given)
    if (node.type === 'parallel') {
      const regions = Object.values(node.states).filter(({ type }) => type !== 'history')
      return Object.fromEntries(regions.map((region) => [region.key, read(region, named.get(region.key))]))
    }
    if (node.type !== 'compound') return {}
    if (named.size > 1) throw new Error(`${pathOf(node)} is in one state at a time, not in ${list(named.keys())}`)
    const [[child, rest] = [initialOf(node), undefined]] = named
    const inner = read(node.states[child] as ChartNode, rest)
    return isEmpty(inner) ? child : { [child]: inner }
  }
  return { value: read(root, value), active }
}

/** The paths of the states that a value names, in dots: `open`, `open.waiting`. */
export function pathsOf(value: unknown, above = ''): string[] {
  if (typeof value === 'string') return [above + value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [above + key, ...pathsOf(inner, `${above}${key}.`)])
}

// The substates that a value names, each with what it says of their inside.
function namedIn(node: ChartNode, given: unknown): ReadonlyMap<string, unknown> {
  if (given === undefined) return new Map()
  if (typeof given !== 'string' && (typeof given !== 'object' || given === null || Array.isArray(given)))
    throw new Error(`${JSON.stringify(given)} is no state value`)
  const named = new Map<string, unknown>(typeof given === 'string' ? [[given, undefined]] : Object.entries(given))
  for (const key of named.keys()) {
    const child = Object.hasOwn(node.states, key) ? node.states[key] : undefined
    if (!child || child.type === 'history') throw new Error(`there is no state '${[...node.path, key].join('.')}'`)
  }
  return named
}

function initialOf(node: ChartNode): string {
  const target = node.initial.target?.[0]
  if (target && target.type !== 'history') return target.key
  throw new Error(`the value does not say in which state ${pathOf(node)} is`)
}

function pathOf({ path }: ChartNode): string {
  return path.length === 0 ? 'the chart' : `'${path.join('.')}'`
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function list(keys: Iterable<string>): string {
  return [...keys].map((key) => `'${key}'`).join(' and ')
}
