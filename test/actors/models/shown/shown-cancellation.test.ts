import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text as readAll } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, it, vi } from 'vitest'
import type { FaultAnswer } from '../../../../actors/models/fault-answer.ts'
import { endOf } from '../../../support/models/call-end.ts'
import { openHttpBench } from '../../../support/models/http-bench.ts'
import { openFaultServer } from '../../../support/models/open-fault-server.ts'
import { PROVIDERS } from '../../../support/models/provider-matrix.ts'

const prompt = 'Good morning'
const PROGRAM = fileURLToPath(new URL('../../../support/models/stopping-process.ts', import.meta.url))

/** When a call is cancelled, what the server does, and what was heard by then. */
const MOMENTS: readonly (readonly [string, FaultAnswer, string])[] = [
  ['before the headers', { headerDelay: 3_600_000 }, ''],
  ['before the first chunk', { text: 'a', stallAfter: 0 }, ''],
  ['in the middle', { text: ['12345', 'b'], stallAfter: 1 }, '12345'],
]

for (const [name, make] of PROVIDERS) {
  it.each(MOMENTS)(`${name}: a call cancelled %s closes its socket and settles`, async (_name, answer, heard) => {
    const bench = await openHttpBench(make, { answers: [answer], backup: [{ text: 'unwanted' }] })
    const { client, model, server, backup, clock, budget, runtime, drive, breakerOf, provider } = bench
    await budget.view()
    const idle = clock.pending
    const stop = new AbortController()
    const stream = client.stream({ model: [model, 'backup/test-model'], prompt, signal: stop.signal })
    let told = ''
    const reading = (async () => {
      for await (const { text } of stream) told += text
    })().catch(() => {})
    await vi.waitFor(() => expect([server.requests.length, told]).toEqual([1, heard]), { timeout: 20_000 })
    expect((await budget.view()).held.tokens).toBe(prompt.length + 100)
    stop.abort()
    expect(await server.requests[0]?.ended).toBe(true)
    const end = await drive(endOf(stream.result))
    await reading
    expect(end).toMatchObject({ code: 'CANCELLED', attempts: [{ model, category: 'cancelled', estimated: true }] })
    const { settled, held } = await budget.view()
    expect([held.tokens, held.nanoUsd, settled.nanoUsd]).toEqual([0, 0, end.costNanoUsd])
    expect(settled.tokens).toBeGreaterThanOrEqual(10 + heard.length)
    // Nothing runs on: no other attempt, no actor of the call, no deadline, no failure of the provider.
    await clock.advance('1h')
    expect([server.requests.length, backup.requests.length]).toEqual([1, 0])
    expect(runtime.actors().filter((address) => address.includes('/model-call/'))).toEqual([])
    expect(clock.pending).toBeLessThanOrEqual(idle)
    expect(await breakerOf(provider)).toMatchObject({ state: 'closed', failures: 0 })
  })
}

const [, make] = PROVIDERS[0] as (typeof PROVIDERS)[number]

it('a call cancelled while it waits for its next attempt makes none', async () => {
  const { client, model, server, clock, budget } = await openHttpBench(make, { answers: () => ({ status: 503 }) })
  const stop = new AbortController()
  const ending = endOf(client.call({ model, prompt, signal: stop.signal }))
  await vi.waitFor(() => expect(server.requests).toHaveLength(1), { timeout: 20_000 })
  await server.requests[0]?.ended
  await vi.waitFor(async () => expect((await budget.view()).held.tokens).toBe(0), { timeout: 20_000 })
  stop.abort()
  expect(await ending).toMatchObject({ code: 'CANCELLED', attempts: [{ category: 'server_error' }] })
  await clock.advance('1h')
  expect(server.requests).toHaveLength(1)
})

it('a call cancelled while it waits for the limiter makes no request, and the next in line goes on', async () => {
  const { client, model, server, budget, drive, provider } = await openHttpBench(make, {
    answers: [{ text: ['a', 'b'], stallAfter: 1 }, { text: 'third' }],
    models: { limits: { openai: { concurrency: 1 } } },
  })
  expect(provider).toBe('openai')
  const [first, second] = [new AbortController(), new AbortController()]
  const one = endOf(client.call({ model, prompt, signal: first.signal }))
  await vi.waitFor(() => expect(server.requests).toHaveLength(1), { timeout: 20_000 })
  const two = endOf(client.call({ model, prompt, signal: second.signal }))
  const three = endOf(client.call({ model, prompt }))
  await vi.waitFor(async () => expect((await budget.view()).calls.held).toBe(3), { timeout: 20_000 })
  second.abort()
  expect(await drive(two)).toMatchObject({ code: 'CANCELLED', attempts: [] })
  first.abort()
  expect((await drive(one)).code).toBe('CANCELLED')
  expect((await drive(three)).text).toBe('third')
  expect(server.requests).toHaveLength(2)
  expect((await budget.view()).held.tokens).toBe(0)
})

it('a process whose runtime is stopped in the middle of calls closes their sockets and ends by itself', async () => {
  const server = await openFaultServer({
    answers: ({ index }) => (index % 2 === 0 ? { text: ['a', 'b'], stallAfter: 1 } : { text: 'done' }),
  })
  const child = spawn(process.execPath, ['--conditions=troupe-source', PROGRAM, server.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30_000,
  })
  const output = readAll(child.stdout)
  const [status] = (await once(child, 'close')) as [number | null]
  expect(status).toBe(0)
  const codes = JSON.parse(await output) as string[]
  expect(codes.toSorted()).toEqual(['CANCELLED', 'CANCELLED', 'answered', 'answered'])
  const closed = await Promise.all(server.requests.map((request) => request.ended))
  expect(closed).toEqual([true, false, true, false])
})
