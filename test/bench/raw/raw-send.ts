import { deepStrictEqual } from 'node:assert/strict'
import { type AnyStateMachine, createActor, type EventObject } from 'xstate'
import type { Probe } from '../bench-case.ts'
import { nanoseconds } from '../stopwatch.ts'

/** XState alone: `send` to one running actor, nanoseconds a message. */
export function rawSend(machine: AnyStateMachine, events: readonly EventObject[], after: unknown): Probe {
  const actor = createActor(machine).start()
  const sendAll = (count: number) => {
    for (let sent = 0; sent < count; ) {
      for (const event of events) actor.send(event)
      sent += events.length
    }
  }
  return {
    check: () => {
      sendAll(events.length)
      deepStrictEqual(actor.getSnapshot().context, after)
    },
    sample: nanoseconds(sendAll),
  }
}
