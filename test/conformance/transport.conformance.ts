import { afterEach, describe, expect, it } from 'vitest'
import type { Transport, TransportLink } from '../../runtime/ports/transport.ts'
import { address } from '../../runtime/protocol/address.ts'
import { code, pause, until } from '../support/runtime/outcome.ts'

/** A wire under test: one realm's worth of transports that reach each other, a fresh one for each test. */
export interface TransportUnderTest {
  /** A transport for one more node. */
  transport(): Transport
  close(): Promise<void>
}

/** What every transport must do, whatever it runs on. Call it in the transport's own test file. */
export function transportConformance(name: string, make: () => Promise<TransportUnderTest>): void {
  describe(`${name} as a transport`, () => {
    const opened: (() => Promise<unknown>)[] = []
    let nodes = 0

    afterEach(async () => {
      for (const close of opened.splice(0).reverse()) await close()
    })

    async function wire(): Promise<TransportUnderTest> {
      const made = await make()
      opened.push(() => made.close())
      return made
    }

    async function join(on: TransportUnderTest, facts: Partial<TestNode> = {}): Promise<Joined> {
      const id = `node${++nodes}`
      const taken: string[] = []
      const link = await on.transport().join({
        id,
        realm: facts.realm ?? 'realm',
        types: facts.types ?? [],
        handle: facts.handle ?? (async (frame) => bytes(`${id}:${text(frame)}`)),
        take: (frame) => void taken.push(text(frame)),
      })
      opened.push(() => link.close())
      return { id, link, taken }
    }

    describe('a request', () => {
      it('reaches a node that hosts the type and brings its answer back', async () => {
        const on = await wire()
        const host = await join(on, { types: ['thing'] })
        const asker = await join(on)
        expect(text(await asker.link.request(thing('a'), bytes('hi'), soon()))).toBe(`${host.id}:hi`)
      })

      it('reaches the node that claimed the address, and no other host', async () => {
        const on = await wire()
        await join(on, { types: ['thing'] })
        const holder = await join(on, { types: ['thing'] })
        const asker = await join(on)
        await holder.link.claim(thing('mine'))
        for (let n = 0; n < 6; n++) {
          expect(text(await asker.link.request(thing('mine'), bytes('x'), soon()))).toBe(`${holder.id}:x`)
        }
      })

      it('reaches the asking node itself when no other hosts the type', async () => {
        const on = await wire()
        const alone = await join(on, { types: ['thing'] })
        expect(text(await alone.link.request(thing('a'), bytes('x'), soon()))).toBe(`${alone.id}:x`)
      })

      it('finds keys of any text', async () => {
        const on = await wire()
        const holder = await join(on, { types: ['thing'] })
        const asker = await join(on)
        for (const key of ODD_TEXTS) {
          await holder.link.claim(thing(key))
          expect(text(await asker.link.request(thing(key), bytes(key), soon()))).toBe(`${holder.id}:${key}`)
        }
      })

      it('is UNAVAILABLE when nobody hosts the type', async () => {
        const asker = await join(await wire())
        expect(await code(asker.link.request(thing('a'), bytes('x'), soon()))).toBe('UNAVAILABLE')
      })

      it('ends with TIMEOUT at its deadline, and CANCELLED when it is aborted, before or meanwhile', async () => {
        const on = await wire()
        await join(on, { types: ['thing'], handle: () => new Promise(() => {}) })
        const asker = await join(on)
        expect(await code(asker.link.request(thing('a'), bytes('x'), { deadline: Date.now() + 50 }))).toBe('TIMEOUT')
        const early = { ...soon(), signal: AbortSignal.abort() }
        expect(await code(asker.link.request(thing('a'), bytes('x'), early))).toBe('CANCELLED')
        const controller = new AbortController()
        const asked = code(asker.link.request(thing('a'), bytes('x'), { ...soon(), signal: controller.signal }))
        setTimeout(() => controller.abort(), 20)
        expect(await asked).toBe('CANCELLED')
      })

      it('keeps the order of its sender', async () => {
        const on = await wire()
        const seen: string[] = []
        await join(on, {
          types: ['thing'],
          handle: async (frame) => {
            seen.push(text(frame))
            return frame
          },
        })
        const asker = await join(on)
        const numbers = Array.from({ length: 200 }, (_, n) => String(n))
        await Promise.all(numbers.map((n) => asker.link.request(thing('a'), bytes(n), soon())))
        expect(seen).toEqual(numbers)
      })

      it('carries a megabyte minus a little each way, byte by byte', async () => {
        const on = await wire()
        await join(on, { types: ['thing'], handle: async (frame) => frame.toReversed() })
        const asker = await join(on)
        const large = Uint8Array.from({ length: 900_000 }, (_, n) => (n * 31) % 251)
        const answer = await asker.link.request(thing('a'), large, soon())
        expect(Buffer.compare(Buffer.from(answer), Buffer.from(large.toReversed()))).toBe(0)
      })

      it('is a copy: what is written into a frame after it was sent changes nothing', async () => {
        const on = await wire()
        const answers: Uint8Array[] = []
        await join(on, {
          types: ['thing'],
          handle: async (frame) => {
            const answer = bytes(`got ${text(frame)}`)
            answers.push(answer)
            return answer
          },
        })
        const asker = await join(on)
        const frame = bytes('before')
        const asked = asker.link.request(thing('a'), frame, soon())
        frame.fill(120)
        const answer = await asked
        answers[0]?.fill(120)
        expect(text(answer)).toBe('got before')
      })
    })

    describe('a claim', () => {
      it('is a CONFLICT for a second node, not for the same one, and free again after its release', async () => {
        const on = await wire()
        const [a, b] = [await join(on), await join(on)]
        await a.link.claim(thing('k'))
        await a.link.claim(thing('k'))
        expect(await code(b.link.claim(thing('k')))).toBe('CONFLICT')
        b.link.release(thing('k'))
        expect(await code(b.link.claim(thing('k')))).toBe('CONFLICT')
        a.link.release(thing('k'))
        await eventually(() => b.link.claim(thing('k')))
      })

      it('is won by one of many that race for it', async () => {
        const on = await wire()
        const racers = await Promise.all(Array.from({ length: 5 }, () => join(on)))
        const outcomes = await Promise.all(racers.map(({ link }) => code(link.claim(thing('race')))))
        expect(outcomes.toSorted()).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'CONFLICT', 'none'])
      })

      it('ends with its node', async () => {
        const on = await wire()
        const [a, b] = [await join(on), await join(on)]
        await a.link.claim(thing('k'))
        await a.link.close()
        await eventually(() => b.link.claim(thing('k')))
        expect(await code(b.link.claim(thing('k')))).toBe('none')
      })
    })

    describe('a post', () => {
      it('reaches its node and no other, in order, as a copy', async () => {
        const on = await wire()
        const [a, b, c] = [await join(on), await join(on), await join(on)]
        for (const word of ['one', 'two', 'three']) {
          const frame = bytes(word)
          await a.link.post(b.id, frame)
          frame.fill(120)
        }
        await until(() => b.taken.length === 3)
        expect([b.taken, c.taken]).toEqual([['one', 'two', 'three'], []])
      })
    })

    describe('a topic', () => {
      it('is heard by all subscribers, the publisher included, until they leave', async () => {
        const on = await wire()
        const [a, b] = [await join(on), await join(on)]
        const heard: string[] = []
        const leave = await a.link.subscribe(['event', 'x'], (frame) => heard.push(`a ${text(frame)}`))
        await b.link.subscribe(['event', 'x'], (frame) => heard.push(`b ${text(frame)}`))
        await a.link.publish(['event', 'x'], bytes('1'))
        await until(() => heard.length === 2)
        leave()
        await b.link.publish(['event', 'x'], bytes('2'))
        await until(() => heard.length === 3)
        expect(heard.toSorted()).toEqual(['a 1', 'b 1', 'b 2'])
      })

      it('keeps parts apart whatever they hold, and a last * stands for any last part', async () => {
        const on = await wire()
        const [a, b] = [await join(on), await join(on)]
        const heard: string[] = []
        for (const odd of ODD_TEXTS) {
          await a.link.subscribe(['event', odd, 'made'], (frame) => heard.push(`exact ${text(frame)}`))
        }
        await a.link.subscribe(['event', 'b.c', '*'], (frame) => heard.push(`any ${text(frame)}`))
        for (const [index, odd] of ODD_TEXTS.entries())
          await b.link.publish(['event', odd, 'made'], bytes(String(index)))
        await b.link.publish(['event', 'b.c', 'other'], bytes('other'))
        await b.link.publish(['event', 'b', 'c', 'other'], bytes('not this'))
        const dotted = ODD_TEXTS.indexOf('b.c')
        const expected = [...ODD_TEXTS.keys()].map((index) => `exact ${index}`).concat(`any ${dotted}`, 'any other')
        await until(() => heard.length >= expected.length)
        expect(heard.toSorted()).toEqual(expected.toSorted())
      })
    })

    describe('realms', () => {
      it('hear nothing of each other', async () => {
        const on = await wire()
        const host = await join(on, { realm: 'one', types: ['thing'] })
        const stranger = await join(on, { realm: 'two' })
        const heard: string[] = []
        await stranger.link.subscribe(['event', 'x'], (frame) => heard.push(text(frame)))
        await host.link.publish(['event', 'x'], bytes('1'))
        await host.link.claim(address('one', 'thing', 'k'))
        expect(await code(stranger.link.request(address('two', 'thing', 'k'), bytes('x'), soon()))).toBe('UNAVAILABLE')
        await stranger.link.claim(address('two', 'thing', 'k'))
        expect(heard).toEqual([])
      })
    })

    describe('a closed link', () => {
      it('ends what others wait for from its node, and what its node waits for', async () => {
        const on = await wire()
        const host = await join(on, { types: ['thing'], handle: () => new Promise(() => {}) })
        const asker = await join(on)
        const fromHost = code(asker.link.request(thing('a'), bytes('x'), soon()))
        await pause(20)
        await host.link.close()
        expect(await fromHost).toBe('UNAVAILABLE')
        await join(on, { types: ['other'], handle: () => new Promise(() => {}) })
        const toOther = code(asker.link.request(address('realm', 'other', 'a'), bytes('x'), soon()))
        await pause(20)
        await asker.link.close()
        expect(await toOther).toBe('UNAVAILABLE')
      })

      it('does nothing more, says UNAVAILABLE, hears nothing, and can be closed again', async () => {
        const on = await wire()
        const [a, b] = [await join(on), await join(on)]
        const heard: string[] = []
        await a.link.subscribe(['event', 'x'], (frame) => heard.push(text(frame)))
        await a.link.close()
        await a.link.close()
        await b.link.publish(['event', 'x'], bytes('1'))
        await pause(20)
        expect(heard).toEqual([])
        const calls = [
          a.link.request(thing('a'), bytes('x'), soon()),
          a.link.post(b.id, bytes('x')),
          a.link.publish(['event', 'x'], bytes('x')),
          a.link.subscribe(['event', 'x'], () => {}),
          a.link.claim(thing('k')),
        ]
        expect(await Promise.all(calls.map(code))).toEqual(calls.map(() => 'UNAVAILABLE'))
      })
    })
  })
}

interface TestNode {
  readonly realm: string
  readonly types: readonly string[]
  readonly handle: (frame: Uint8Array) => Promise<Uint8Array>
}

interface Joined {
  readonly id: string
  readonly link: TransportLink
  readonly taken: readonly string[]
}

const ODD_TEXTS = ['b.c', 'a b', 'a/b//', '>', 'x*', '日本 ✓', '%2E', '"[]', '\n\t', 'k'.repeat(500)]

const bytes = (value: string): Uint8Array => new TextEncoder().encode(value)
const text = (frame: Uint8Array): string => new TextDecoder().decode(frame)
const thing = (key: string) => address('realm', 'thing', key)
const soon = () => ({ deadline: Date.now() + 5_000 })

async function eventually(attempt: () => Promise<void>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if ((await code(attempt())) === 'none') return
    await pause(10)
  }
  await attempt()
}
