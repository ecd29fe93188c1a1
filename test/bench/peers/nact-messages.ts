import { deepStrictEqual } from 'node:assert/strict'
import type { Probe } from '../bench-case.ts'
import { perSecond } from '../stopwatch.ts'
import { nact } from './nact.ts'

type CounterMessage = { type: 'counter.add' } | { type: 'counter.read' }

async function nactCounter() {
  const { dispatch, query, spawn, start } = await nact()
  const counter = spawn<number>(start(), (count = 0, message: CounterMessage, { sender }) => {
    if (message.type === 'counter.add') return count + 1
    dispatch(sender, count)
    return count
  })
  return {
    add: () => dispatch(counter, { type: 'counter.add' }),
    read: () => query(counter, { type: 'counter.read' }, 60_000),
  }
}

/** nact: messages a second to one actor, counted until the last is processed. */
export async function nactSend(): Promise<Probe> {
  const { add, read } = await nactCounter()
  const sendAll = async (count: number) => {
    for (let sent = 0; sent < count; sent += 1) add()
    return read()
  }
  return { check: async () => deepStrictEqual(await sendAll(100), 100), sample: perSecond(sendAll) }
}

/** nact: questions a second to one actor, the next asked when the last is answered. */
export async function nactAsk(): Promise<Probe> {
  const { add, read } = await nactCounter()
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
