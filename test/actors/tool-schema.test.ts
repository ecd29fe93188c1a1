import { describe, expect, it } from 'vitest'
import { validateTool } from '../../actors/tool-schema.ts'

describe('the check of what a tool takes and gives', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
    ['says nothing', () => undefined],
    ['has issues that are no list', () => ({ issues: 5 })],
    ['has a path that leads nowhere', () => ({ issues: [{ message: 'x', path: [null] }] })],
  ])('says so when a schema %s', async (_how, validate) => {
    const schema = { '~standard': { version: 1 as const, vendor: 'own', validate: validate as never } }
    const checked = validateTool(schema, 1, 'the input', 'a.input')
    await expect(checked).rejects.toMatchObject({
      code: 'INVALID_MESSAGE',
      where: 'a.input',
      message: expect.stringContaining('the schema of the input failed') as string,
    })
  })
})
