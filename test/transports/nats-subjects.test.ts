import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { address } from '../../runtime/protocol/address.ts'
import { natsSubjects, token } from '../../transports/nats/nats-subjects.ts'
import { bytes, natsStage, soon, text } from '../support/nats/nats-stage.ts'
import { code, pause } from '../support/runtime/outcome.ts'

const stage = natsStage()
const subjects = natsSubjects('realm')
const LEGAL = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*(\.\*)?$/
const ODD = [
  'b.c',
  'a b',
  'a/b//',
  '>',
  '*',
  'x*',
  '日本 ✓',
  '👩‍👩‍👧',
  '%2E',
  '"[]',
  '\n\t\r\n',
  '_',
  '__',
  'k'.repeat(300),
  'é'.repeat(300),
]
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 120 }).filter((value) => value.isWellFormed()),
  fc.string({ unit: fc.constantFrom('_', '.', '2', 'e', 'E', '-', ' ', '*', 'é'), maxLength: 60 }),
)

describe('a part of a subject', () => {
  it('is legal, short, and never the same for two texts', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(token(a)).toMatch(/^[A-Za-z0-9_-]{1,80}$/)
        expect(token(a) === token(b)).toBe(a === b)
      }),
      { numRuns: 2_000 },
    )
  })

  it('of one text is not the plain form of another', () => {
    const texts = [...ODD, ...ODD.map(token), ...ODD.map(token).map(token), '', '_00', '_2e', '.', ' ']
    expect(new Set(texts.map(token)).size).toBe(new Set(texts).size)
  })

  it('refuses half of a surrogate pair', () => {
    expect(() => token('a\ud800')).toThrow(expect.objectContaining({ code: 'INVALID_MESSAGE' }))
  })
})

describe('a subject', () => {
  it('is legal and below 256 characters, whatever it is made of', () => {
    const part = fc.oneof(anyText, fc.constantFrom(...ODD))
    const long = 'T'.repeat(64)
    const all = natsSubjects('R'.repeat(64))
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
        const key = (parts[0] ?? '').slice(0, 512) || 'k'
        const made = [
          all.topic(parts),
          all.claim(address('R', long, key.isWellFormed() ? key : 'k')),
          all.node(parts[0] ?? ''),
          all.type(long),
        ]
        for (const subject of made) {
          expect(subject).toMatch(LEGAL)
          expect(subject.length).toBeLessThan(256)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('of a topic is another for every topic, and one for any last part covers those alone that differ in it', () => {
    const part = fc.constantFrom('a', 'b', 'a.b', '*', '', '_', 'k'.repeat(300))
    const topic = fc.array(part, { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(topic, topic, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b)
        expect(subjects.topic(a) === subjects.topic(b)).toBe(same)
        const stem = (parts: readonly string[]): string => subjects.topic([...parts.slice(0, -1), '*'])
        const sameStem = JSON.stringify(a.slice(0, -1)) === JSON.stringify(b.slice(0, -1))
        expect(stem(a) === stem(b)).toBe(sameStem)
        expect(subjects.topic(a).startsWith(stem(a).slice(0, -1))).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('on a server', () => {
  it('keys of any text are found, each as itself', async () => {
    const { url } = await stage.server()
    const host = await stage.join({ servers: url }, { types: [] })
    const asker = await stage.join({ servers: url })
    for (const key of ODD) {
      await host.link.claim(address('realm', 'thing', key))
      expect(text(await asker.link.request(address('realm', 'thing', key), bytes(key), soon()))).toBe(
        `${host.id}:${key}`,
      )
    }
    for (const key of ['b', 'c', 'b.', 'b_2ec', 'x', '_5f']) {
      expect(await code(asker.link.request(address('realm', 'thing', key), bytes('x'), soon()))).toBe('UNAVAILABLE')
    }
  })

  it('two realms hear nothing of each other, one whose name begins like the other included', async () => {
    const { url } = await stage.server()
    const names = ['realm', 'realm-directory', 'Realm', 'other']
    const nodes = await Promise.all(
      names.map((realm) =>
        stage.join({ servers: url }, { id: 'same', realm, types: realm === 'realm' ? ['thing'] : [] }),
      ),
    )
    const heard: string[] = []
    for (const [index, { link }] of nodes.entries()) {
      await link.claim(address(names[index] ?? '', 'thing', 'k'))
      await link.subscribe(['event', '*'], (frame) => heard.push(`${names[index]} ${text(frame)}`))
    }
    await nodes[0]?.link.publish(['event', 'x'], bytes('1'))
    await nodes[0]?.link.post('same', bytes('1'))
    await pause(50)
    expect(heard).toEqual(['realm 1'])
    expect(nodes.map(({ taken }) => taken.length)).toEqual([1, 0, 0, 0])
    const others = nodes
      .slice(1)
      .map(({ link }, n) => code(link.request(address(names[n + 1] ?? '', 'thing', 'u'), bytes('x'), soon())))
    expect(await Promise.all(others)).toEqual(['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'])
  })
})
