import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSupervisor } from '../../actors/define-supervisor.ts'
import { degraded } from '../../actors/degraded.ts'
import { createRuntime, defineActor, defineContract, fromTask, type Runtime } from '../../runtime/index.ts'
import { gate } from './gate.ts'

const contract = defineContract({ input: z.unknown(), output: z.unknown(), messages: {} })
const agent = (type: string, run: () => unknown) => defineActor({ type, contract, logic: fromTask(async () => run()) })

let runtime: Runtime
const spawn = async (desk: ReturnType<typeof defineSupervisor>) => {
  runtime = await createRuntime()
  return runtime.spawn(desk, { key: 'one' })
}
afterEach(() => runtime.stop())

describe('a supervisor', () => {
  const actors = {
    tax: agent('tax', () => 'tax says'),
    law: agent('law', () => 'law says'),
    any: agent('any', () => 'anyone says'),
  }
  const agents = [
    { name: 'any', actor: 'any' },
    { name: 'tax', actor: 'tax', handles: { keywords: ['VAT', 'import duty'] } },
    { name: 'law', actor: 'law', handles: { kinds: ['contract'] } },
  ] as const

  it('routes by whole words and by kind, and to who takes everything when nobody knows better', async () => {
    const ref = await spawn(defineSupervisor('desk', { actors, agents }))
    const ask = async (text: string, kind?: string) =>
      (await ref.ask({ type: 'supervisor.request', text, ...(kind === undefined ? {} : { kind }) })).value
    expect(await ask('Is vat due on it?')).toBe('tax says')
    expect(await ask('What of the import-duty?')).toBe('tax says')
    expect(await ask('This is private and imported')).toBe('anyone says')
    expect(await ask('Read this', 'contract')).toBe('law says')
  })

  it('gathers from several, takes the majority and keeps the dissent', async () => {
    const desk = defineSupervisor('desk', {
      actors: {
        a: agent('a', () => ({ x: 1, y: 2 })),
        b: agent('b', () => ({ x: 3 })),
        c: agent('c', () => ({ y: 2, x: 1 })),
      },
      agents: [
        { name: 'b', actor: 'b' },
        { name: 'a', actor: 'a' },
        { name: 'c', actor: 'c' },
      ],
    })
    const ref = await spawn(desk)
    const answer = await ref.ask({ type: 'supervisor.request', gather: 'all' })
    expect(answer).toMatchObject({ status: 'answered', value: { x: 1, y: 2 }, dissent: ['b'] })
    expect(answer.answers.map((each) => each.agent)).toEqual(['b', 'a', 'c'])
  })

  it('names agents that fail or are too slow, and goes on with the others', async () => {
    const desk = defineSupervisor('desk', {
      actors: {
        good: agent('good', () => degraded(7, 'from memory')),
        bad: agent('bad', () => {
          throw new Error('no idea')
        }),
        slow: agent('slow', () => new Promise(() => {})),
      },
      agents: [
        { name: 'good', actor: 'good' },
        { name: 'bad', actor: 'bad' },
        { name: 'slow', actor: 'slow', timeout: '20ms' },
      ],
      synthesise: ({ answers }) => answers.map(({ value }) => value),
    })
    const ref = await spawn(desk)
    const answer = await ref.ask({ type: 'supervisor.request', gather: 'all' })
    expect(answer).toMatchObject({ status: 'partial', value: [7], dissent: [] })
    expect(answer.answers).toEqual([{ agent: 'good', value: 7, degraded: 'from memory' }])
    expect(answer.failures.map(({ agent, status }) => [agent, status])).toEqual([
      ['bad', 'failed'],
      ['slow', 'timed_out'],
    ])
    expect(answer.failures[0]?.reason).toContain('no idea')
    expect(runtime.actors().filter((address) => address.includes('/slow/'))).toEqual([])
  })

  it('says so when no agent answered and when the synthesis fails', async () => {
    const fail = () => {
      throw new Error('not today')
    }
    const desk = defineSupervisor('desk', {
      actors: { bad: agent('bad', fail), good: agent('good', () => 1) },
      agents: [
        { name: 'bad', actor: 'bad' },
        { name: 'good', actor: 'good' },
      ],
      synthesise: fail,
    })
    const ref = await spawn(desk)
    expect(await ref.ask({ type: 'supervisor.request', to: ['bad'] })).toMatchObject({
      status: 'failed',
      reason: 'no agent answered',
    })
    expect(await ref.ask({ type: 'supervisor.request', to: ['good'] })).toMatchObject({
      status: 'failed',
      reason: 'the synthesis failed: not today',
      answers: [{ agent: 'good', value: 1 }],
    })
  })

  it('keeps within instances and concurrency, first come first served, and a busy agent holds up no other', async () => {
    const work = gate<string>()
    const desk = defineSupervisor('desk', {
      actors: { a: agent('a', () => work.enter('a')), b: agent('b', () => work.enter('b')) },
      agents: [
        { name: 'a', actor: 'a', instances: 2 },
        { name: 'b', actor: 'b', instances: 5 },
      ],
      concurrency: 3,
    })
    const ref = await spawn(desk)
    const asks = ['a', 'a', 'a', 'b', 'b'].map((to) => ref.ask({ type: 'supervisor.request', to: [to] }))
    await work.waiting(3)
    expect(work.inside()).toEqual(['a', 'a', 'b'])
    expect(await ref.ask({ type: 'supervisor.status' })).toMatchObject({ waiting: 2, active: 3 })
    expect((await ref.state()).value).toBe('queueing')
    work.open()
    await Promise.all(asks)
    expect(work.most()).toBe(3)
    expect((await ref.state()).value).toBe('idle')
  })

  it('answers OVERLOADED when the queue is full, and when a request waited too long', async () => {
    const work = gate<string>()
    const desk = defineSupervisor('desk', {
      actors: { a: agent('a', () => work.enter('a')) },
      agents: [{ name: 'a', actor: 'a' }],
      queue: { capacity: 1, timeout: '30ms' },
    })
    const ref = await spawn(desk)
    const first = ref.ask({ type: 'supervisor.request' })
    const second = ref.ask({ type: 'supervisor.request' })
    await expect(ref.ask({ type: 'supervisor.request' })).rejects.toMatchObject({ code: 'OVERLOADED' })
    expect((await ref.state()).value).toBe('full')
    await expect(second).rejects.toMatchObject({ code: 'OVERLOADED', message: 'no agent was free within 30 ms' })
    work.open()
    expect(await first).toMatchObject({ status: 'answered' })
  })

  it('takes agents in and out while it runs, and names those there are to who asks for another', async () => {
    const ref = await spawn(defineSupervisor('desk', { actors }))
    await expect(ref.ask({ type: 'supervisor.request', text: 'x' })).rejects.toMatchObject({ code: 'REJECTED' })
    await ref.ask({ type: 'supervisor.register', name: 'help', actor: 'any' })
    expect(await ref.ask({ type: 'supervisor.request', text: 'x' })).toMatchObject({ value: 'anyone says' })
    expect(await ref.ask({ type: 'supervisor.list' })).toMatchObject([{ name: 'help', answered: 1, busy: 0 }])
    await expect(ref.ask({ type: 'supervisor.request', to: ['nobody'] })).rejects.toThrow('agents: help')
    await expect(ref.ask({ type: 'supervisor.register', name: 'x', actor: 'ghost' })).rejects.toThrow(
      'actors: tax, law',
    )
    await ref.ask({ type: 'supervisor.unregister', name: 'help' })
    expect(await ref.ask({ type: 'supervisor.list' })).toEqual([])
  })

  it('lets only who may manage it take agents in', async () => {
    const desk = defineSupervisor('desk', { actors })
    await spawn(desk)
    const guest = runtime.as({ id: 'guest', grants: [] }).ref(desk, 'one')
    await expect(guest.ask({ type: 'supervisor.unregister', name: 'x' })).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('refuses a definition that cannot work', () => {
    const wrong = () => defineSupervisor('desk', { actors, agents: [{ name: 'x', actor: 'ghost' as 'tax' }] })
    expect(wrong).toThrow("the agent 'x' is an actor 'ghost', which is not there")
    expect(() => defineSupervisor('desk', { actors, agents: [agents[0], agents[0]] })).toThrow("two agents named 'any'")
    expect(() => defineSupervisor('desk', { actors, concurrency: 0 })).toThrow('desk.concurrency is 0')
  })
})
