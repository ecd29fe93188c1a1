import { z } from 'zod'
import { defineTool } from '../../../actors/define-tool.ts'
import { defineTools } from '../../../actors/define-tools.ts'
import { createTools } from '../../../actors/tools-client.ts'
import { createRuntime, defineActor, defineContract, fromTask } from '../../../runtime/index.ts'
import type { Probe } from '../bench-case.ts'

const CALLS = 4_000
const input = z.object({ text: z.string() })
const output = z.object({ length: z.number() })
const lengthOf = ({ text }: { readonly text: string }): { length: number } => ({ length: text.length })

/** A tool call: input and output validated, grants checked, bounded in time, an actor of its own. */
export async function troupeToolCall(): Promise<Probe> {
  const runtime = await createRuntime({ freezeMessages: false })
  const length = defineTool({
    id: 'length',
    version: '1.0.0',
    description: 'Tells how long a text is.',
    input,
    output,
    execute: lengthOf,
  })
  const client = createTools(runtime, defineTools([length]))
  return cpuProbe(() => client.call('length', { text: 'forty-two' }))
}

/** The least that an actor for the same work costs. */
export async function troupeTaskActor(): Promise<Probe> {
  const runtime = await createRuntime({ freezeMessages: false })
  const actor = defineActor({
    type: 'length',
    contract: defineContract({ input, output, messages: {}, emits: {} }),
    logic: fromTask(({ input: given }: { readonly input: z.output<typeof input> }) => lengthOf(given)),
  })
  return cpuProbe(async () => (await runtime.spawn(actor, { input: { text: 'forty-two' } })).result())
}

// CPU time counts what the collector does beside the main thread as well, and the wait for other processes not.
function cpuProbe(call: () => Promise<{ readonly length: number }>): Probe {
  return {
    async check() {
      const { length } = await call()
      if (length !== 9) throw new Error(`A call gave ${length}.`)
    },
    async sample() {
      const start = process.cpuUsage()
      for (let index = 0; index < CALLS; index += 1) await call()
      const { user, system } = process.cpuUsage(start)
      return ((user + system) * 1_000) / CALLS
    },
  }
}
