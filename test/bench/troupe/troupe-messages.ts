import { deepStrictEqual } from 'node:assert/strict'
import { assign, setup } from 'xstate'
import { z } from 'zod'
import { createRuntime, type ContractTypes, defineActor, defineContract, reply } from '../../../runtime/index.ts'
import type { Probe } from '../bench-case.ts'
import { perSecond } from '../stopwatch.ts'

const counterContract = defineContract({ messages: { 'counter.add': {}, 'counter.read': { reply: z.number() } } })

const counter = defineActor({
  type: 'counter',
  contract: counterContract,
  logic: setup({ types: {} as ContractTypes<typeof counterContract> & { context: { count: number } } }).createMachine({
    context: { count: 0 },
    on: {
      'counter.add': { actions: assign({ count: ({ context }) => context.count + 1 }) },
      'counter.read': { actions: reply(({ context }) => context.count) },
    },
  }),
  mailbox: { capacity: 10_000_000 },
})

async function troupeCounter() {
  const runtime = await createRuntime()
  const ref = await runtime.spawn(counter)
  return { add: () => void ref.send({ type: 'counter.add' }), read: () => ref.ask({ type: 'counter.read' }) }
}

/** Troupe: messages a second to one actor, counted until the last is processed. */
export async function troupeMessages(): Promise<Probe> {
  const { add, read } = await troupeCounter()
  let before = 0
  const sendAll = async (count: number) => {
    for (let sent = 0; sent < count; sent += 1) add()
    before = await read()
    return before
  }
  return { check: async () => deepStrictEqual(await sendAll(100), 100), sample: perSecond(sendAll) }
}

/** Troupe: questions a second to one actor, the next asked when the last is answered. */
export async function troupeAsk(): Promise<Probe> {
  const { add, read } = await troupeCounter()
  return {
    check: async () => {
      add()
      deepStrictEqual(await read(), 1)
    },
    sample: perSecond(async (count) => {
      for (let asked = 0; asked < count; asked += 1) await read()
    }),
  }
}
