import { afterEach, describe, expect, it } from 'vitest'
import { createBreaker } from '../../actors/breaker-client.ts'
import { breaker } from '../../actors/breaker.ts'
import { createGuard } from '../../actors/guard.ts'
import { createRetrier } from '../../actors/retrier-client.ts'
import { createRuntime, type Runtime } from '../../runtime/index.ts'
import { createVirtualClock } from '../../runtime/testing.ts'
import { memory } from '../../transports/memory/index.ts'
import { thrownBy } from './thrown-by.ts'

const down = async () => {
  throw Object.assign(new Error('down'), { status: 503 })
}
const nodes: Runtime[] = []

afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop({ drain: 0 })
})

async function realm() {
  const clock = createVirtualClock()
  const transport = memory()
  const node = async (actors: (typeof breaker)[]) => {
    const runtime = await createRuntime({ realm: 'r', transport, actors, clock })
    nodes.push(runtime)
    return runtime
  }
  const host = await node([breaker])
  const [one, two] = [await node([]), await node([])]
  const options = { key: 'b', failures: 2, successes: 1 }
  const breakers = [await createBreaker(one, options), await createBreaker(two, options)] as const
  await clock.advance(0)
  return { clock, host, one, breakers }
}

describe('a breaker between nodes', () => {
  it('that opens on one node is open on the other before that calls again, and tries again as one', async () => {
    const { clock, breakers } = await realm()
    const [one, two] = breakers
    await thrownBy(() => one.run(down))
    await thrownBy(() => two.run(down))
    await clock.advance(0)
    expect([one.state, two.state]).toEqual(['open', 'open'])
    let calls = 0
    expect(await thrownBy(() => one.run(async () => calls++))).toMatchObject({ code: 'UNAVAILABLE' })
    await clock.advance('60s')
    const trial = await one.admit()
    expect(await thrownBy(() => two.run(async () => calls++))).toMatchObject({ code: 'UNAVAILABLE' })
    expect(calls).toBe(0)
    await trial.succeeded()
    await clock.advance(0)
    expect(two.state).toBe('closed')
  })

  it('whose node is gone holds back nobody while it was closed', async () => {
    const { host, breakers, clock } = await realm()
    await host.stop({ drain: 0 })
    expect(await breakers[0].run(async () => 'yes')).toBe('yes')
    const failed = thrownBy(() => breakers[0].run(down))
    await clock.advance('10s')
    expect(await failed).toMatchObject({ message: 'down' })
  })

  it('stands before a retrier that no node can have: then the error says so', async () => {
    const { one, breakers } = await realm()
    const guard = createGuard(one, { breaker: breakers[0], retry: createRetrier(one) })
    expect(await thrownBy(() => guard.run(down))).toMatchObject({
      message: expect.stringMatching(/^down \(and it could not be retried: .*retrier/),
      cause: { message: 'down' },
    })
  })
})
