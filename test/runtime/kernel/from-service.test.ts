import { describe, expect, it } from 'vitest'
import { createActor, sendTo, setup } from 'xstate'
import { announce, createRuntime, defineActor, defineContract, fromService } from '../../../runtime/index.ts'
import { z } from 'zod'

const contract = defineContract({
  messages: { 'job.start': {}, 'job.work': {}, 'job.stop': {} },
  emits: { 'job.told': z.object({ text: z.string() }) },
})

describe('a service', () => {
  const heard: string[] = []
  const service = fromService<{ type: string; text: string }, undefined>(({ owner, receive, tell }) => {
    receive(({ text }) => {
      heard.push(`${owner} ${text}`)
      tell({ type: 'service.said', text })
    })
    return () => heard.push('ended')
  })
  const machine = setup({
    types: {} as { events: { type: string; text?: string } },
    actors: { service },
    actions: {
      command: sendTo('service', { type: 'do', text: 'now' }),
      tellTwice: announce(({ event }) =>
        ['one', 'two'].map((text) => ({ type: 'job.told', text: `${(event as { text?: string }).text} ${text}` })),
      ),
    },
  }).createMachine({
    initial: 'idle',
    states: {
      idle: { on: { 'job.start': 'busy' } },
      busy: {
        invoke: { id: 'service', src: 'service' },
        on: { 'job.work': { actions: 'command' }, 'service.said': { actions: 'tellTwice' }, 'job.stop': 'idle' },
      },
    },
  })

  it('takes commands as long as its state lasts, answers its owner, and is told when it is over', async () => {
    const runtime = await createRuntime()
    const ref = await runtime.spawn(defineActor({ type: 'job', contract, logic: machine }), { key: '1' })
    const told: string[] = []
    ref.on('job.told', ({ text }) => told.push(text))
    await ref.send({ type: 'job.start' })
    await ref.send({ type: 'job.work' })
    await runtime.idle()
    expect(told).toEqual(['now one', 'now two'])
    await ref.send({ type: 'job.stop' })
    await runtime.idle()
    expect(heard).toEqual(['local/job/1 now', 'ended'])
    await runtime.stop()
  })

  it('says where it runs when it is started elsewhere', () => {
    const errors: unknown[] = []
    const actor = createActor(service)
    actor.subscribe({ error: (error) => errors.push(error) })
    const start = (): void => {
      actor.start()
      if (errors.length > 0) throw errors[0] as Error
    }
    expect(start).toThrow('a service runs only in a Troupe runtime')
  })
})
