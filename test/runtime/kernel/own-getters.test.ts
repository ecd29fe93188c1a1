import { describe, expect, it } from 'vitest'
import { fromPromise } from 'xstate'
import { z } from 'zod'
import { defineTool } from '../../../actors/define-tool.ts'
import { defineTools } from '../../../actors/define-tools.ts'
import { createTools } from '../../../actors/tools-client.ts'
import { defineActor, defineContract } from '../../../runtime/index.ts'
import { createAsk } from '../../../runtime/kernel/asks.ts'
import { openRuntime } from '../../support/runtime/open-runtime.ts'

const gettersOf = (value: object) =>
  Reflect.ownKeys(value).filter((key) => Object.getOwnPropertyDescriptor(value, key)?.get)

// A getter in an object literal costs each object a hidden class, which holds all that the getter sees until the next full
// collection: what is made for each message, task or call must have none.
describe('what is made for each of many has no getter of its own', () => {
  it('an ask', () => {
    const outcome = { answered() {}, failed() {}, chunked() {} }
    expect(gettersOf(createAsk('a', 'ticket.close', outcome))).toEqual([])
  })

  it('what a task sees as its self', async () => {
    const { runtime } = await openRuntime()
    const look = fromPromise(({ self }) => Promise.resolve(gettersOf(self).map(String)))
    const contract = defineContract({ output: z.array(z.string()), messages: {}, emits: {} })
    const ref = await runtime.spawn(defineActor({ type: 'look', contract, logic: look }))
    expect(await ref.result()).toEqual([])
  })

  it('the scope of a tool', async () => {
    const { runtime } = await openRuntime()
    const schemas = { input: z.null(), output: z.array(z.string()) }
    const execute = (_: null, scope: object) => gettersOf(scope).map(String)
    const look = defineTool({ id: 'look', version: '1.0.0', description: 'Looks.', ...schemas, execute })
    expect(await createTools(runtime, defineTools([look])).call('look', null)).toEqual([])
  })
})
