import { describe, expect, it } from 'vitest'
import { type CallStanding, callWaits } from '../../../agents/spreadsheet/call-waits.ts'

const call = (more: Partial<CallStanding>): CallStanding => ({
  state: 'asking',
  since: 0,
  trouble: null,
  model: null,
  ...more,
})

describe('what is told of calls that wait', () => {
  it('is nothing while they are answered in good time', () => {
    expect(callWaits([], 0)).toBeNull()
    expect(callWaits([call({}), call({ state: 'queued' })], 2_900)).toBeNull()
  })

  it('is one line, however many they are', () => {
    const model = 'openai/m'
    const calls = [
      ...Array.from({ length: 40 }, () => call({ state: 'waiting', trouble: 'rate_limit', model })),
      call({ state: 'queued' }),
      call({}),
    ]
    expect(callWaits(calls, 12_000)?.text).toBe(
      'models: 40 calls are asked again (openai/m: rate limit); 1 call is waiting for leave to ask; ' +
        '1 call is not answered yet, after 10 s',
    )
  })

  it('is told anew when there is another cause or a longer silence, and not for every call', () => {
    const slow = [call({}), call({ since: 1_000 })]
    const key = (now: number): string | undefined => callWaits(slow, now)?.key
    expect(key(11_500)).toBe(key(29_000))
    expect(key(29_000)).not.toBe(key(31_000))
    expect(callWaits(slow.slice(1), 29_000)?.key).toBe(key(29_000))
  })
})
