import { describe, expect, it, vi } from 'vitest'
import type { Replicate } from '../../actors/evidence-replicate.ts'
import { defineEvidence } from '../../actors/evidence.ts'
import type { EvidenceEvent } from '../../machines/evidence.contract.ts'
import { TroupeError } from '../../runtime/index.ts'
import { gatedJournal } from '../support/runtime/gated-journal.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { answers, hangs, open, run, schema, total, usage } from './evidence-bench.ts'

function circle(): unknown {
  const round: { self?: unknown } = {}
  round.self = round
  return round
}

function deep(levels: number): unknown {
  let data: unknown = 1
  for (let level = 0; level < levels; level++) data = [data]
  return data
}

describe('a bundle of evidence', () => {
  it('stops at two that agree: the third is never asked', async () => {
    const { asked, replicate } = answers(total(100), total(110), total(0))
    const bundle = await run({ replicate, schema })
    expect(asked).toEqual([0, 1])
    expect(bundle).toMatchObject({
      status: 'succeeded',
      meta: { task: 'totals', k: 3, completed: 2, epsilon: 0.2, earlyStopped: true, reason: 'agreement' },
      summary: { consensus: { currency: 'EUR' }, disagreements: [{ field: 'total' }], calibratedConfidence: null },
      truncated: null,
    })
    expect(bundle.summary.consensus).not.toHaveProperty('total')
    expect(bundle.summary.pairwiseDistance).toEqual([
      { replicates: ['r1', 'r2'], distance: expect.closeTo((10 / 110 + 0) / 2, 12) as number },
    ])
  })

  it('asks the rest when two do not agree, and takes what most say', async () => {
    const { asked, replicate } = answers(total(100), total(7, 'USD'), total(100))
    const bundle = await run({ replicate, schema })
    expect(asked).toEqual([0, 1, 2])
    expect(bundle.summary.consensus).toEqual({ total: 100, currency: 'EUR' })
    expect(bundle.summary.disagreements).toEqual([
      {
        field: 'total',
        values: [
          { value: 100, replicates: ['r1', 'r3'] },
          { value: 7, replicates: ['r2'] },
        ],
      },
      {
        field: 'currency',
        values: [
          { value: 'EUR', replicates: ['r1', 'r3'] },
          { value: 'USD', replicates: ['r2'] },
        ],
      },
    ])
    expect(bundle.summary.distributions).toEqual([
      {
        field: 'total',
        count: 3,
        mean: expect.closeTo(69) as number,
        stdev: expect.closeTo(53.6936) as number,
        min: 7,
        max: 100,
      },
    ])
    expect(bundle.meta).toMatchObject({ completed: 3, earlyStopped: false, reason: 'complete' })
  })

  it('is as confident as its answers are close: 0.7767 for distances of 0.18, 0.22 and 0.27', async () => {
    // A scale makes the distances of these numbers what they are to be; three on a line cannot, two fields can.
    const fields = { x: { scale: 1 }, y: { scale: 1 } }
    const points = [
      { x: 0, y: 0 },
      { x: 0.36, y: 0 },
      { x: 0.13, y: 0.31 },
    ].map((data) => ({ data }))
    const { asked, replicate } = answers(...points)
    const early = await run({ replicate, fields })
    expect(early.summary.pairwiseDistance[0]?.distance).toBeCloseTo(0.18, 12)
    expect([asked, early.meta.earlyStopped]).toEqual([[0, 1], true])
    const whole = await run({ replicate, fields, epsilon: 0.17 })
    expect(whole.summary.pairwiseDistance.map(({ distance }) => Number(distance.toFixed(12)))).toEqual([
      0.18, 0.22, 0.27,
    ])
    expect(whole.summary.confidence).toBeCloseTo(0.7767, 4)
  })

  it('tells what happens in order, with numbers without a gap', async () => {
    const { client } = await open({ replicate: answers(total(1), total(50), total(1)).replicate, schema })
    const stream = client.stream('how much?')
    const events: EvidenceEvent[] = []
    for await (const event of stream) events.push(event)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    expect(events.map(({ type }) => type)).toEqual([
      ...['tool_started', 'replicate_started', 'replicate_started', 'replicate_done', 'replicate_done'],
      ...['partial_summary', 'replicate_started', 'replicate_done', 'bundle_ready'],
    ])
    expect((await stream.result).status).toBe('succeeded')
  })

  it('can be followed from any event on, and by who listens', async () => {
    const { runtime, definition } = await open({ replicate: hangs, schema })
    const ref = await runtime.spawn(definition, { key: 'b', input: { task: 't', question: 1 } })
    const heard: string[] = []
    ref.on('*', ({ type }) => heard.push(type))
    await ref.waitFor({ state: 'running' })
    const followed: number[] = []
    const following = ref.stream({ type: 'evidence.follow', after: 2 })
    const reading = (async () => {
      for await (const { seq } of following) followed.push(seq)
    })()
    await ref.send({ type: 'evidence.cancel' })
    await reading
    expect(followed[0]).toBe(3)
    expect(followed).toEqual(followed.map((_, index) => index + 3))
    expect(heard.at(-1)).toBe('bundle_ready')
    expect((await following.reply).status).toBe('cancelled')
  })

  it('shows what does not meet the schema, and leaves it out of the consensus', async () => {
    const bundle = await run({ replicate: answers(total(5), { data: { total: 'five' } }, total(5)).replicate, schema })
    expect(bundle.replicates.map(({ id, valid, status }) => [id, valid, status])).toEqual([
      ['r1', true, 'valid'],
      ['r2', false, 'invalid'],
      ['r3', true, 'valid'],
    ])
    expect(bundle.replicates[1]?.errors.join()).toMatch(/total.*currency/s)
    expect(bundle.replicates[1]?.data).toEqual({ total: 'five' })
    expect(bundle.summary.consensus).toEqual({ total: 5, currency: 'EUR' })
    expect(bundle.summary.pairwiseDistance).toEqual([{ replicates: ['r1', 'r3'], distance: 0 }])
    expect([bundle.status, bundle.warnings.length]).toEqual(['succeeded', 1])
  })

  it('that nobody answers has failed, and says why of each', async () => {
    const bundle = await run({ replicate: answers(new Error('a'), new Error('b'), { data: undefined }).replicate })
    expect(bundle).toMatchObject({ status: 'failed', summary: { consensus: null, confidence: 0 } })
    expect(bundle.replicates.map(({ errors }) => errors.join())).toEqual(['a', 'b', 'the answer has no data'])
  })

  it('takes one answer alone for no consensus', async () => {
    const bundle = await run({ replicate: answers(total(5), new Error('a'), new Error('b')).replicate, schema })
    expect(bundle).toMatchObject({ status: 'partial', summary: { consensus: null, confidence: 0 } })
    expect(bundle.replicates[0]?.data).toEqual({ total: 5, currency: 'EUR' })
  })

  it.each([
    ['a circle', 'the data is no JSON', circle()],
    ['a function', 'the data is a function', () => 1],
    ['a bigint', 'the data is no JSON', 1n],
    ['a depth of a thousand', 'deeper than 64', deep(1_000)],
    ['a depth of a hundred thousand', 'the data is no JSON', deep(100_000)],
    ['more than a megabyte', '1000002 bytes, 1000000 are allowed', 'x'.repeat(1_000_000)],
  ])('takes %s for no answer, and goes on', async (_, problem, data) => {
    const bundle = await run({ replicate: answers({ data }, { data: 1 }, { data: 1 }).replicate })
    expect(bundle.replicates.map(({ valid }) => valid)).toEqual([false, true, true])
    expect(bundle.replicates[0]?.errors.join()).toContain(problem)
    expect(bundle.summary.consensus).toBe(1)
  })

  it('does not wait for ever for one that hangs', async () => {
    const replicate: Replicate = (index, scope) => (index === 0 ? hangs(index, scope) : total(3))
    const { client, clock } = await open({ replicate, schema, replicateTimeout: '30s' })
    const running = client.run('how much?')
    await clock.advance('29s')
    await clock.advance('2s')
    const bundle = await running
    expect(bundle.replicates[0]).toMatchObject({ status: 'invalid', elapsedMs: 30_000 })
    expect(bundle.replicates[0]?.errors.join()).toContain('30000 ms')
    expect(bundle).toMatchObject({ status: 'succeeded', meta: { completed: 3, elapsedMs: 30_000 } })
  })

  it('does not wait for one that hears nothing: it has a second to come back', async () => {
    const { client, clock } = await open({ replicate: () => new Promise(() => {}), timeout: '1m' })
    const running = client.run('how much?')
    await clock.advance('60s')
    await clock.advance('1s')
    expect(await running).toMatchObject({
      status: 'failed',
      meta: { reason: 'timeout', completed: 0, elapsedMs: 61_000 },
    })
  })

  it('that is cancelled keeps what is there', async () => {
    const replicate: Replicate = (index, scope) => (index === 0 ? total(9) : hangs(index, scope))
    const { client } = await open({ replicate, schema })
    const controller = new AbortController()
    const stream = client.stream('how much?', { signal: controller.signal })
    const types: string[] = []
    for await (const { type } of stream) {
      types.push(type)
      if (type === 'replicate_done') controller.abort()
    }
    const bundle = await stream.result
    expect(bundle).toMatchObject({ status: 'cancelled', meta: { reason: 'cancelled', completed: 1 } })
    expect(bundle.replicates.map(({ status }) => status)).toEqual(['valid', 'cancelled'])
    expect(types.slice(-4)).toEqual(['cancelled', 'replicate_done', 'warning', 'bundle_ready'])
  })

  it('is cancelled by who stops reading', async () => {
    const { client } = await open({ replicate: hangs })
    const stream = client.stream('how much?')
    for await (const { type } of stream) if (type === 'replicate_started') break
    expect((await stream.result).status).toBe('cancelled')
  })

  it('hands each replicate a key that stays, its question and its number', async () => {
    const keys: string[] = []
    const replicate: Replicate = (index, { idempotencyKey, question, id }) => {
      keys.push(idempotencyKey)
      return { data: [question, index, id] }
    }
    const bundle = await run({ replicate, epsilon: 0 }, { key: 'k' })
    expect(bundle.replicates.map(({ data }) => data)).toEqual([
      ['how much?', 0, 'r1'],
      ['how much?', 1, 'r2'],
      ['how much?', 2, 'r3'],
    ])
    expect(keys.map((key) => key.split('#')[1])).toEqual(['r1', 'r2', 'r3'])
    expect(new Set(keys).size).toBe(3)
  })

  it('adds up what was used, by those that failed too', async () => {
    const failed = new TroupeError('MODEL_REFUSED', 'no', { data: { usage: usage(7), costNanoUsd: 1_000 } })
    const answer = { ...total(1), usage: usage(10), costNanoUsd: 2_000_000, model: 'a/small' }
    const bundle = await run({ replicate: answers(answer, failed, answer).replicate, schema })
    expect(bundle.usage.inputTokens.total).toBe(27)
    expect(bundle.costUsd).toBe(0.004001)
    expect(bundle.meta.models).toEqual(['a/small'])
  })
})

describe('a durable bundle', () => {
  it('does not run replicates again that were done before its process stopped', async () => {
    const begun: number[] = []
    let isSecond = false
    const replicate: Replicate = (index, scope) => {
      begun.push(index)
      return index === 0 || isSecond ? total(index === 2 ? 1 : index * 50 + 1) : hangs(index, scope)
    }
    const definition = defineEvidence('totals', { replicate, schema, durability: 'durable' })
    const journal = gatedJournal()
    const first = await openRuntime({ journal, actors: [definition] })
    const ref = await first.runtime.spawn(definition, { key: 'b', input: { task: 't', question: 1 } })
    await vi.waitFor(async () => expect(JSON.stringify((await ref.state()).context)).toContain('replicate_done'))
    await first.runtime.idle()
    await first.runtime.stop()
    isSecond = true
    const { runtime } = await openRuntime({ journal, actors: [definition] })
    const { bundle, events } = await runtime.ref(definition, 'b').result()
    expect(begun).toEqual([0, 1, 1, 2])
    expect(bundle).toMatchObject({ status: 'succeeded', meta: { completed: 3 } })
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    expect(events.filter(({ type }) => type === 'replicate_started')).toHaveLength(3)
  })
})
