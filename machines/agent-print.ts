import type { AgentPrompt } from './agent.contract.ts'

/** What stands for a prompt, so that a run need not keep it: its length and 64 bits of it. Tells slips apart, not forgeries. */
export function agentPrint(prompt: AgentPrompt): string {
  const text = JSON.stringify(prompt)
  return `${text.length}.${bits(text, 0x811c9dc5)}${bits(text, 0x2f0b4c47)}`
}

function bits(text: string, seed: number): string {
  let hash = seed
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b)
  return ((hash ^ (hash >>> 13)) >>> 0).toString(16).padStart(8, '0')
}
