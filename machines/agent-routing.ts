import type { AgentEntry, AgentRequest, AgentScope } from './supervisor.contract.ts'

/** The agents that a request goes to, the best first; empty when none takes it on. */
export function route(agents: readonly AgentEntry[], request: AgentRequest): readonly AgentEntry[] {
  const { to, gather } = request
  if (to) return agents.filter(({ name }) => to.includes(name))
  const words = wordsOf(request.text)
  const scored = agents
    .map((agent) => ({ agent, score: scoreOf(agent.handles, request.kind, words) }))
    .filter(({ score }) => score !== null)
    .sort((a, b) => (b.score ?? 0) - (a.score ?? 0))
    .map(({ agent }) => agent)
  return gather === 'all' ? scored : scored.slice(0, gather === 'one' ? 1 : gather)
}

// Null: it does not take the request on. An agent for everything is asked only when nobody knows better.
function scoreOf({ kinds, keywords }: AgentScope, kind: string | undefined, words: string): number | null {
  if (kinds && (kind === undefined || !kinds.includes(kind))) return null
  const known = keywords?.filter((keyword) => words.includes(wordsOf(keyword))).length
  if (known === 0) return null
  return (kinds ? 1 : 0) + (known ?? 0)
}

// Whole words, whatever stands between them: ' vat ' is not in ' private '.
function wordsOf(text: string): string {
  return ` ${text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .join(' ')} `
}
