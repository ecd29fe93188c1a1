import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCallSpeech } from '../../actors/model-call-speech.ts'
import type { CallReport } from '../../machines/model-call.machine.ts'

type Chunks = Extract<CallReport, { type: 'chunks.came' }>

type Deed =
  | { readonly do: 'say'; readonly type: 'text' | 'reasoning'; readonly text: string }
  | { readonly do: 'begin' | 'follow' | 'turn' }

/** Does the deeds, and gives what each follower has heard of the last attempt, and how often it was told something. */
function listen(deeds: readonly Deed[]) {
  const waiting = new Set<() => void>()
  const heard = new Map<string, string>()
  let tells = 0
  const turn = (): void => {
    for (const callback of waiting) {
      waiting.delete(callback)
      callback()
    }
  }
  const speech = createCallSpeech({
    afterwards(callback) {
      waiting.add(callback)
      return () => waiting.delete(callback)
    },
    tell(event) {
      tells++
      const { chunks, to } = event as Chunks
      for (const ask of to) {
        for (const { type, text } of chunks) {
          const before = type === 'restarted' ? '' : (heard.get(ask) ?? '')
          heard.set(ask, type === 'restarted' ? '' : `${before}${type[0]}:${text};`)
        }
      }
    },
  })
  let followers = 0
  let said: { type: string; text: string }[] = []
  for (const deed of deeds) {
    if (deed.do === 'say') {
      speech.say(deed)
      said.push(deed)
    } else if (deed.do === 'begin') {
      speech.begin()
      said = []
    } else if (deed.do === 'follow') speech.follow(`f${followers++}`)
    else turn()
  }
  speech.flush()
  return { heard, said, followers, tells }
}

const plain = (text: string): string => text.replaceAll(/[tr]:|;/g, '')

describe('what a model says', () => {
  const text = fc.stringMatching(/^[a-d]{1,4}$/)
  const say = fc.record({
    do: fc.constant('say' as const),
    type: fc.constantFrom('text' as const, 'reasoning' as const),
    text,
  })
  const other = fc.record({ do: fc.constantFrom('begin' as const, 'follow' as const, 'turn' as const) })

  it('reaches everybody who follows, whenever they begin: all of it, in order, once', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 3, arbitrary: say }, other), { maxLength: 40 }), (deeds) => {
        const { heard, said, followers } = listen(deeds)
        const whole = said.map((each) => each.text).join('')
        const told = Array.from({ length: followers }, (_, index) => plain(heard.get(`f${index}`) ?? ''))
        expect(told).toEqual(told.map(() => whole))
      }),
      { numRuns: 500 },
    )
  })

  it('is passed on once a turn, and not at all while nobody follows', () => {
    const piece = { do: 'say', type: 'text', text: 'x' } as const
    const many: Deed[] = Array.from({ length: 50 }, () => piece)
    expect(listen(many).tells).toBe(0)
    expect(listen([{ do: 'follow' }, ...many, { do: 'turn' }, ...many, { do: 'turn' }]).tells).toBe(2)
  })
})
