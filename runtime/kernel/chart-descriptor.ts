import type { ChartEdge, ChartNode } from './chart-node.ts'

/** The transitions of a state for a type of event, in XState's order: the exact ones, then wildcards, the longest first. */
export function edgesFor({ transitions }: ChartNode, type: string): readonly ChartEdge[] {
  const wild = [...transitions.keys()]
    .filter((descriptor) => descriptor !== type && matches(type, descriptor))
    .sort((a, b) => b.length - a.length)
  return [...(transitions.get(type) ?? []), ...wild.flatMap((descriptor) => transitions.get(descriptor) ?? [])]
}

function matches(type: string, descriptor: string): boolean {
  if (descriptor === '*') return true
  if (!descriptor.endsWith('.*')) return false
  const tokens = type.split('.')
  const wanted = descriptor.split('.')
  for (const [index, token] of wanted.entries()) {
    // A wildcard anywhere else than at the end matches nothing.
    if (token === '*') return index === wanted.length - 1
    if (token !== tokens[index]) return false
  }
  return true
}
