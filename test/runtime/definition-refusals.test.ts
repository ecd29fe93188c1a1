import { and, assign, createMachine, enqueueActions, fromPromise, not, raise, sendTo, setup, spawnChild } from 'xstate'
import { describe, expect, it } from 'vitest'
import { createRuntime, defineActor, defineContract, type TroupeError } from '../../runtime/index.ts'

const contract = defineContract({ messages: { go: {} } })
const child = fromPromise(async () => 1)

// A config as a JavaScript author would write it: what the types forbid must be refused all the same.
function define(config: unknown, implementations: unknown = {}) {
  const logic = createMachine(config as never, implementations as never)
  return defineActor({ type: 'subject', contract, logic })
}

function refusal(config: unknown, implementations?: unknown): TroupeError {
  try {
    define(config, implementations)
  } catch (error) {
    return error as TroupeError
  }
  throw new Error('it was accepted')
}

const spawning = (assignment: unknown) => ({ on: { go: { actions: assign(assignment as never) } } })
const pool = { spawn: (thing: unknown) => thing, spawned: 1 }

describe('a definition that spawns inside assign', () => {
  const shapes: Readonly<Record<string, unknown>> = {
    'a destructured parameter': ({ spawn }: typeof pool) => ({ ref: spawn(child) }),
    'beside other keys': ({ context, spawn }: typeof pool & { context: unknown }) => ({ ref: spawn(context) }),
    'behind a nested pattern': ({ context: { a }, spawn }: typeof pool & { context: { a: number } }) => ({
      ref: spawn(a),
    }),
    'under another name': ({ spawn: start }: typeof pool) => ({ ref: start(child) }),
    'a property of the parameter': (args: typeof pool) => ({ ref: args.spawn(child) }),
    'taken out of the parameter': (args: typeof pool) => {
      const { spawn } = args
      return { ref: spawn(child) }
    },
    'by a computed key': (args: typeof pool) => ({ ref: args['spawn'](child) }),
    'from the rest': ({ spawned, ...others }: typeof pool) => ({ ref: others.spawn(spawned) }),
    // eslint-disable-next-line func-names
    'in a function': function (args: typeof pool) {
      return { ref: args.spawn(child) }
    },
    'in an object of assigners': { ref: ({ spawn }: typeof pool) => spawn(child), other: 1 },
    'in a method': {
      ref({ spawn }: typeof pool) {
        return spawn(child)
      },
    },
  }
  for (const [name, assignment] of Object.entries(shapes)) {
    it(`is refused: ${name}`, () => {
      expect(refusal(spawning(assignment))).toMatchObject({
        code: 'INVALID_MESSAGE',
        message: "'subject' spawns an actor inside assign or its context",
        where: 'subject: (machine)',
        hint: expect.stringContaining('spawnChild'),
      })
    })
  }

  it('is refused in the context factory, in a named action, and in enqueued ones', () => {
    expect(refusal({ context: ({ spawn }: typeof pool) => ({ ref: spawn(child) }) }).where).toBe('subject: context')
    const named = { actions: { start: assign((args: unknown) => ({ ref: (args as typeof pool).spawn(child) })) } }
    expect(refusal({ entry: 'start' }, named).where).toBe('subject: actions.start')
    const hidden = enqueueActions(({ enqueue }) => {
      enqueue.assign({ ref: ({ spawn }: { spawn: (logic: unknown) => unknown }) => spawn(child) } as never)
    })
    expect(refusal({ entry: hidden }).message).toContain('spawns an actor')
  })

  it('and hides it fails its transition before the commit', async () => {
    const hidden = ['sp', 'awn'].join('')
    const definition = define({
      initial: 'a',
      states: {
        a: {
          on: {
            go: {
              target: 'b',
              actions: assign((args: never) => ({
                ref: (args as Record<string, (logic: unknown) => unknown>)[hidden]?.(child),
              })),
            },
          },
        },
        b: {},
      },
    })
    const runtime = await createRuntime()
    const ref = await runtime.spawn(definition, { key: 'a' })
    await ref.send({ type: 'go' })
    await runtime.idle()
    expect((await ref.state()).value).toBe('a')
    expect(runtime.deadLetters.list()[0]?.error.message).toContain('an actor was spawned inside assign')
    await runtime.stop()
  })
})

describe('a definition that only looks like it', () => {
  it('is accepted', () => {
    const honest: readonly unknown[] = [
      ({ context }: { context: { spawned: number } }) => ({ spawned: context.spawned + 1 }),
      ({ context }: { context: { respawn: boolean } }) => ({ respawn: !context.respawn }),
      ({ context }: { context: { spawn: number } }) => ({ spawn: context.spawn }),
      ({ context }: { context: { pool: typeof pool } }) => ({ unit: context.pool.spawn(1) }),
      // A comment that says spawn, and a text that does.
      () => ({ text: 'please .spawn( it )', other: "({ spawn }) => spawn('x')" }),
      { spawn: 1, spawned: ({ context }: { context: { spawned: number } }) => context.spawned },
      ({ context }: { context: { units: readonly { spawn: number }[] } }) => ({
        sum: context.units.map(({ spawn }) => spawn),
      }),
    ]
    for (const assignment of honest) expect(() => define(spawning(assignment))).not.toThrow()
    expect(() =>
      define({
        entry: enqueueActions(({ enqueue }) => {
          enqueue.spawnChild(child)
          enqueue.assign({ spawn: 1 } as never)
        }),
      }),
    ).not.toThrow()
    expect(() => define({ context: { spawn: 1, self: pool } })).not.toThrow()
  })
})

describe('a definition that names what nobody provided', () => {
  const missing: readonly (readonly [string, string, unknown])[] = [
    ['actions', 'shout', { entry: 'shout' }],
    ['actions', 'shout', { initial: 'a', states: { a: { exit: [{ type: 'shout', params: 1 }] } } }],
    ['actions', 'shout', { on: { go: { actions: ['shout'] } } }],
    ['guards', 'isLoud', { on: { go: { guard: 'isLoud' } } }],
    ['guards', 'isLoud', { on: { go: { guard: and([not('isLoud'), () => true]) } } }],
    [
      'guards',
      'isLoud',
      { initial: 'a', states: { a: { always: { guard: { type: 'isLoud' }, target: 'b' } }, b: {} } },
    ],
    ['actors', 'listen', { invoke: { src: 'listen' } }],
    ['actors', 'listen', { entry: spawnChild('listen') }],
    ['delays', 'aWhile', { after: { aWhile: { actions: () => {} } } }],
    ['delays', 'aWhile', { entry: raise({ type: 'go' }, { delay: 'aWhile' as never }) }],
    ['delays', 'aWhile', { entry: sendTo(({ self }) => self, { type: 'go' }, { delay: 'aWhile' as never }) }],
  ]
  for (const [kind, name, config] of missing) {
    it(`is refused: ${kind} in ${JSON.stringify(config)}`, () => {
      expect(refusal(config)).toMatchObject({
        code: 'INVALID_MESSAGE',
        message: `'subject' names '${name}' among its ${kind}, and nobody provided it`,
        where: expect.stringMatching(/^subject: /),
        hint: expect.stringContaining(`setup({ ${kind}:`),
      })
    })
  }

  it('is refused for a child machine too, named with its parent', () => {
    const broken = createMachine({ id: 'kid', entry: 'shout' } as never)
    expect(refusal({ invoke: { src: 'kid' } }, { actors: { kid: broken } }).message).toContain(
      "'subject--kid' names 'shout'",
    )
    expect(refusal({ entry: spawnChild(broken) }).message).toContain("'subject--kid' names 'shout'")
  })
})

describe('a definition with what cannot be hosted', () => {
  it('is refused: systemId, actors and logic that are none, a bad name, bad counts', () => {
    const where = { actors: { child } }
    expect(refusal({ invoke: { src: 'child', systemId: 'sys' } }, where).message).toContain('systemId')
    expect(refusal({ entry: spawnChild('child', { systemId: 'sys' }) }, where).message).toContain('systemId')
    for (const none of [42, null, {}, async () => 1]) {
      expect(refusal({}, { actors: { none } })).toMatchObject({ where: 'subject: actors.none' })
      expect(() => defineActor({ type: 'subject', contract, logic: none as never })).toThrow(
        'is not XState actor logic',
      )
    }
    const logic = setup({}).createMachine({})
    expect(() => defineActor({ type: 'no/name', contract, logic })).toThrow("'no/name' cannot name an actor type")
    expect(() => defineActor({ type: 'a', contract, logic, attempts: 0 })).toThrow('a.attempts is 0')
    expect(() => defineActor({ type: 'a', contract, logic, mailbox: { capacity: 1.5 } })).toThrow('a.mailbox.capacity')
    expect(() => defineActor({ type: 'a', contract, logic, keepResult: 'soon' as never })).toThrow('is not a duration')
  })
})
