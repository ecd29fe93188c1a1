import { deepStrictEqual } from 'node:assert/strict'
import { type ActorDefinition, createRuntime, type MessageEvent } from '../../../runtime/index.ts'
import type { Probe } from '../bench-case.ts'
import { nanoseconds } from '../stopwatch.ts'

// A burst of a size that senders really send before they give way.
const BURST = 240

/** The whole runtime: `ref.send` to one actor, counted until the last message is processed, nanoseconds a message. */
export async function troupeSend(
  definition: ActorDefinition,
  events: readonly MessageEvent[],
  after: unknown,
): Promise<Probe> {
  const runtime = await createRuntime()
  const ref = await runtime.spawn(definition)
  const sendAll = async (count: number) => {
    for (let sent = 0; sent < count; ) {
      for (let burst = 0; burst < BURST && sent < count; burst += events.length) {
        for (const event of events) void ref.send(event as never)
        sent += events.length
      }
      await runtime.idle()
    }
  }
  return {
    check: async () => {
      await sendAll(events.length)
      deepStrictEqual((await ref.state()).context, after)
    },
    sample: nanoseconds(sendAll),
  }
}
