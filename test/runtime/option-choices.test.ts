import { describe, expect, it } from 'vitest'
import { createRuntime, type RuntimeOptions } from '../../runtime/index.ts'
import { memoryJournal } from '../../transports/memory/index.ts'
import { type SqliteOptions, sqlite } from '../../transports/sqlite/index.ts'
import { tallyActor } from '../support/runtime/tally-actor.ts'

describe('an option that names none of its choices', () => {
  it.each([
    ['tally.durability', 'durable', { durability: 'durabel' }],
    ['tally.unhandled', 'stash', { unhandled: 'stahs' }],
    ['tally.mailbox.overflow', 'drop-newest', { mailbox: { overflow: 'dorp' } }],
  ])('is refused with the choices where an actor is defined: %s', (where, choice, options) => {
    const refused = { code: 'INVALID_MESSAGE', where, hint: expect.stringContaining(`'${choice}'`) as string }
    expect(() => tallyActor(options as never)).toThrow(expect.objectContaining(refused))
  })

  it.each(['foo', 5, {}])('is refused where a runtime is made: wake %j', async (wake) => {
    const options = { journal: memoryJournal(), wake } as unknown as RuntimeOptions
    const refused = { code: 'INVALID_MESSAGE', where: 'wake', hint: "give 'all' or 'asked'" }
    await expect(createRuntime(options)).rejects.toMatchObject(refused)
  })

  it('is refused where a journal is made', () => {
    const refused = { code: 'INVALID_MESSAGE', where: 'durability', hint: "give 'D1' or 'D2'" }
    const options = { durability: 'D9' } as unknown as SqliteOptions
    expect(() => sqlite('a.sqlite', options)).toThrow(expect.objectContaining(refused))
  })
})
