/** How one call of a model stands, as far as somebody who waits for it wants to know. */
export interface CallStanding {
  readonly state: 'asking' | 'queued' | 'waiting'
  /** Since when, in milliseconds since 1970. */
  readonly since: number
  /** What ended its last attempt; null at the first. */
  readonly trouble: string | null
  readonly model: string | null
}

/** What is told about calls that wait; `key` changes when something else has to be told. */
export interface WaitNote {
  readonly key: string
  readonly text: string
}

const STEPS = [300, 120, 60, 30, 10]
const QUEUED_FOR = 3

/** One line about all calls that wait, are made again or are silent; null when none is. */
export function callWaits(calls: Iterable<CallStanding>, now: number): WaitNote | null {
  const causes = new Set<string>()
  let again = 0
  let queued = 0
  let silent = 0
  let longest = 0
  for (const { state, since, trouble, model } of calls) {
    const seconds = (now - since) / 1_000
    if (trouble !== null) {
      again++
      causes.add(`${model ?? 'a model'}: ${trouble.replaceAll('_', ' ')}`)
    }
    if (state === 'queued' && seconds >= QUEUED_FOR) queued++
    const step = state === 'asking' ? STEPS.find((each) => seconds >= each) : undefined
    if (step !== undefined) silent++
    longest = Math.max(longest, step ?? 0)
  }
  const why = [...causes].sort().join(', ')
  const parts = [
    again === 0 ? '' : `${counted(again)} asked again (${why})`,
    queued === 0 ? '' : `${counted(queued)} waiting for leave to ask`,
    silent === 0 ? '' : `${counted(silent)} not answered yet, after ${longest} s`,
  ].filter((part) => part !== '')
  if (parts.length === 0) return null
  return { key: `${why};${queued > 0};${longest}`, text: `models: ${parts.join('; ')}` }
}

function counted(calls: number): string {
  return calls === 1 ? '1 call is' : `${calls} calls are`
}
