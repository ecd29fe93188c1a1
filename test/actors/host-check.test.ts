import { expect, it } from 'vitest'
import { createBreaker } from '../../actors/breaker-client.ts'
import { createBudget } from '../../actors/budget-client.ts'
import { defineTools } from '../../actors/define-tools.ts'
import { createIdempotency } from '../../actors/idempotency-client.ts'
import { createLimiter } from '../../actors/limiter-client.ts'
import { createRetrier } from '../../actors/retrier-client.ts'
import { createTools } from '../../actors/tools-client.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'
import { thrownBy } from './thrown-by.ts'

type Maker = (host: never, options: never) => unknown
const MAKERS: readonly [name: string, make: Maker, key: string | null][] = [
  ['createBreaker', createBreaker, 'breaker'],
  ['createLimiter', createLimiter, 'limiter'],
  ['createIdempotency', createIdempotency, 'idempotency'],
  ['createBudget', createBudget, 'budget'],
  ['createRetrier', createRetrier, null],
]

it.each(MAKERS)('%s says that it was given no runtime', async (name, make) => {
  for (const host of [undefined, { key: 'a' }]) {
    expect(await thrownBy(async () => make(host as never, { key: 'a', limit: {} } as never))).toMatchObject({
      code: 'INVALID_MESSAGE',
      message: `${name} was given no host of actors`,
    })
  }
})

it.each(MAKERS.filter(([, , key]) => key !== null))('%s says that its key is missing', async (_, make, part) => {
  const { runtime } = await openRuntime()
  for (const key of [undefined, '', 5]) {
    expect(
      await thrownBy(async () => make(runtime as never, { key, ...(part === 'budget' ? { limit: {} } : {}) } as never)),
    ).toMatchObject({
      code: 'INVALID_MESSAGE',
      where: `${part}.key`,
    })
  }
  expect(await thrownBy(async () => make(runtime as never, undefined as never))).toMatchObject({
    code: 'INVALID_MESSAGE',
  })
})

it('tools without a runtime, or a runtime without tools, are refused', async () => {
  const { runtime } = await openRuntime()
  expect(() => createTools(undefined as never, defineTools([]))).toThrow('createTools was given no host of actors')
  expect(() => createTools(runtime, [] as never)).toThrow('createTools was given no set of tools')
})
