import { describe, expect, it } from 'vitest'
import { bytes, natsStage, soon, text, thing } from '../support/nats/nats-stage.ts'
import { code, pause } from '../support/runtime/outcome.ts'

const stage = natsStage()

/** Sends numbers without a pause until told to stop. Resolves to those that were answered. */
function flood(send: (n: number) => Promise<unknown>): () => Promise<number[]> {
  const outcomes: Promise<string>[] = []
  const timer = setInterval(() => {
    for (let n = 0; n < 10; n++) outcomes.push(code(send(outcomes.length)))
  }, 1)
  return async () => {
    clearInterval(timer)
    const all = await Promise.all(outcomes)
    return [...all.keys()].filter((n) => all[n] === 'none')
  }
}

describe('the order of a sender to one address', () => {
  it('holds while the address moves from node to node', async () => {
    const { url } = await stage.server()
    const seen: number[] = []
    const handle = async (frame: Uint8Array): Promise<Uint8Array> => {
      seen.push(Number(text(frame)))
      return frame
    }
    const [a, b] = [await stage.join({ servers: url }, { handle }), await stage.join({ servers: url }, { handle })]
    const asker = await stage.join({ servers: url })
    await a.link.claim(thing('k'))
    const stop = flood((n) => asker.link.request(thing('k'), bytes(String(n)), soon()))
    for (let move = 0; move < 20; move++) {
      const [from, to] = move % 2 === 0 ? [a, b] : [b, a]
      await pause(20)
      from.link.release(thing('k'))
      while ((await code(to.link.claim(thing('k')))) !== 'none') await pause(1)
    }
    const answered = await stop()
    expect(answered.length).toBeGreaterThan(200)
    expect(seen).toEqual(seen.toSorted((x, y) => x - y))
    expect(seen).toEqual(answered)
  })

  it('holds while it is claimed, on the node of the sender itself and on another', async () => {
    const { url } = await stage.server()
    for (const own of [true, false]) {
      const seen: number[] = []
      const handle = async (frame: Uint8Array): Promise<Uint8Array> => {
        seen.push(Number(text(frame)))
        return frame
      }
      const host = await stage.join({ servers: url }, { handle, types: ['thing'] })
      const sender = own ? host : await stage.join({ servers: url })
      for (let round = 0; round < 20; round++) {
        seen.length = 0
        const to = thing(`k${own}${round}`)
        const stop = flood((n) => sender.link.request(to, bytes(String(n)), soon()))
        await pause(1)
        await host.link.claim(to)
        await pause(2)
        const answered = await stop()
        expect(seen).toEqual(answered)
        expect(seen).toEqual([...seen.keys()])
      }
      await host.link.close()
    }
  })

  it('holds for posts, and between requests to many addresses each', async () => {
    const { url } = await stage.server()
    const seen = new Map<string, number[]>()
    const host = await stage.join(
      { servers: url },
      {
        types: ['thing'],
        async handle(frame) {
          const [key = '', n] = text(frame).split(' ')
          seen.set(key, [...(seen.get(key) ?? []), Number(n)])
          return frame
        },
      },
    )
    const asker = await stage.join({ servers: url })
    for (let key = 0; key < 20; key += 2) await host.link.claim(thing(`k${key}`))
    const sent: Promise<unknown>[] = []
    for (let n = 0; n < 50; n++) {
      for (let key = 0; key < 20; key++) {
        sent.push(asker.link.request(thing(`k${key}`), bytes(`k${key} ${n}`), soon()))
      }
      sent.push(asker.link.post(host.id, bytes(String(n))))
    }
    await Promise.all(sent)
    const numbers = Array.from({ length: 50 }, (_, n) => n)
    for (const order of seen.values()) expect(order).toEqual(numbers)
    expect(seen.size).toBe(20)
    expect(host.taken.map(Number)).toEqual(numbers)
  })
})

it('what is asked of an address while it is being claimed waits until its actor has been started', async () => {
  const { url } = await stage.server()
  let started = false
  const host = await stage.join(
    { servers: url },
    { types: [], handle: async () => bytes(started ? 'started' : 'too early') },
  )
  const asker = await stage.join({ servers: url })
  for (let round = 0; round < 50; round++) {
    started = false
    const to = thing(`k${round}`)
    const claimed = host.link.claim(to).then(() => {
      started = true
    })
    let answer = ''
    while (answer === '') answer = await asker.link.request(to, bytes('x'), soon()).then(text, () => '')
    expect(answer).toBe('started')
    await claimed
  }
})
