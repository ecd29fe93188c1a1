import {
  and,
  assign,
  cancel,
  createMachine,
  emit,
  enqueueActions,
  forwardTo,
  fromPromise,
  fromTransition,
  log,
  not,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stateIn,
  stopChild,
} from 'xstate'
import { describe, expect, it } from 'vitest'
import { planWorkflow } from '../../machines/workflow-plan.ts'
import { supervisorMachine } from '../../machines/supervisor.machine.ts'
import { workflowMachine } from '../../machines/workflow.machine.ts'
import { checkDurable } from '../../runtime/kernel/durable-check.ts'
import { announce, reply, type TroupeError } from '../../runtime/index.ts'

const child = fromPromise(async () => 1)

// A config as a JavaScript author would write it, with the names a durable chart may use.
function chart(config: object): unknown {
  const setUp = setup({
    actions: { count: () => {} },
    guards: { isOpen: () => true },
    actors: { work: child },
    delays: { later: () => 10 },
  })
  return setUp.createMachine({ id: 'm', initial: 'a', states: { a: {}, b: {} }, ...config } as never)
}

function refusal(logic: unknown): TroupeError {
  try {
    checkDurable(logic, 'subject')
  } catch (error) {
    return error as TroupeError
  }
  throw new Error('it was accepted')
}

const entering = (action: unknown) => chart({ entry: action })
const guarding = (guard: unknown) => chart({ on: { go: { target: '.b', guard } } })

describe('a durable definition', () => {
  const anywhere: Readonly<Record<string, [config: object, where: string]>> = {
    'on entry': [{ entry: () => {} }, 'subject: m, entry'],
    'on exit': [{ exit: [() => {}] }, 'subject: m, exit'],
    'on a transition': [{ on: { go: { actions: ['count', () => {}] } } }, "subject: m, on 'go'"],
    'on the initial transition': [{ initial: { target: 'a', actions: () => {} } }, 'subject: m, initial'],
    'on an eventless one': [{ always: { actions: () => {} } }, 'subject: m, always'],
    'after a delay': [{ after: { 5: { actions: () => {} } } }, "subject: m, on 'xstate.after.5.m'"],
    'when a child is done': [
      { invoke: { src: 'work', id: 'w', onDone: { actions: () => {} } } },
      "subject: m, on 'xstate.done.actor.w'",
    ],
    'when a state is done': [
      { states: { a: { initial: 'x', states: { x: {} }, onDone: { actions: () => {} } }, b: {} } },
      "subject: m.a, on 'xstate.done.state.m.a'",
    ],
    'in a state within a state': [
      { states: { a: { initial: 'x', states: { x: { entry: () => {} } } }, b: {} } },
      'subject: m.a.x, entry',
    ],
  }
  for (const [name, [config, where]] of Object.entries(anywhere)) {
    it(`may not have an inline action ${name}, and is told where it stands`, () => {
      const error = refusal(chart(config))
      expect(error).toMatchObject({ code: 'INVALID_MESSAGE', where })
      expect(error.hint).toContain('setup({ actions')
    })
  }

  const computed: Readonly<Record<string, unknown>> = {
    'assign of a function': assign(() => ({})),
    'assign of an object of functions': assign({ n: () => 1 }),
    'raise of a computed event': raise(() => ({ type: 'go' })),
    'raise after a computed delay': raise({ type: 'go' }, { delay: () => 5 }),
    'cancel of a computed id': cancel(() => 'x'),
    'sendTo a computed target': sendTo(() => 'x' as never, { type: 'go' } as never),
    'sendTo of a computed event': sendTo('x', (() => ({ type: 'go' })) as never),
    'sendTo an actor instead of its id': sendTo({ send: () => {}, id: 'x' } as never, { type: 'go' } as never),
    'sendParent of a computed event': sendParent(() => ({ type: 'go' })),
    forwardTo: forwardTo('x'),
    'emit of a computed event': emit(() => ({ type: 'went' })),
    'spawnChild with a computed input': spawnChild('work' as never, { id: 'w', input: () => 1 } as never),
    'stopChild of a computed id': stopChild(() => 'x' as never),
    'log of a computed text': log(() => 'x'),
    enqueueActions: enqueueActions(({ enqueue }) => enqueue('count' as never)),
    'a reply': reply(() => 1),
    'an announcement': announce([{ type: 'went' }]),
  }
  for (const [name, action] of Object.entries(computed)) {
    it(`may not have inline ${name}`, () => {
      expect(refusal(entering(action))).toMatchObject({ code: 'INVALID_MESSAGE', where: 'subject: m, entry' })
    })
  }

  const data: Readonly<Record<string, unknown>> = {
    'a name': 'count',
    'a name with parameters': { type: 'count', params: { by: 2 } },
    'a name with computed parameters': { type: 'count', params: ({ context }: { context: unknown }) => ({ context }) },
    'assign of values': assign({ n: 1 }),
    'raise of an event': raise({ type: 'go' }, { id: 'r', delay: 5 }),
    'raise after a named delay': raise({ type: 'go' }, { delay: 'later' } as never),
    'cancel of an id': cancel('r'),
    'sendTo a child': sendTo('w', { type: 'go', list: [{ a: 1 }] } as never),
    sendParent: sendParent({ type: 'go' }),
    'emit of an event': emit({ type: 'went' }),
    'spawnChild of a name': spawnChild('work' as never, { id: 'w', input: { a: 1 } } as never),
    'stopChild of an id': stopChild('w'),
    'log of a text': log('text', 'label'),
  }
  for (const [name, action] of Object.entries(data)) {
    it(`may have ${name}`, () => {
      expect(() => checkDurable(entering(action), 'subject')).not.toThrow()
    })
  }

  it('may not have an inline guard, alone or in another', () => {
    for (const guard of [() => true, not(() => true), and(['isOpen' as never, () => true])]) {
      const error = refusal(guarding(guard))
      expect(error).toMatchObject({ code: 'INVALID_MESSAGE', where: "subject: m, on 'go'" })
      expect(error.hint).toContain('setup({ guards')
    }
  })

  it('may have guards of names and of states', () => {
    const guards = ['isOpen', { type: 'isOpen', params: { a: 1 } }, not('isOpen' as never), and([stateIn({ a: {} })])]
    for (const guard of guards) expect(() => checkDurable(guarding(guard), 'subject')).not.toThrow()
  })

  it('may have routes, whose guard XState makes, and not an inline guard of theirs', () => {
    const routed = (route: object) => chart({ states: { a: { id: 'a', route }, b: {} } })
    expect(() => checkDurable(routed({}), 'subject')).not.toThrow()
    expect(() => checkDurable(routed({ guard: 'isOpen' }), 'subject')).not.toThrow()
    expect(refusal(routed({ guard: () => true })).where).toBe("subject: m, on 'xstate.route'")
  })

  it('may not invoke or spawn logic without a name, be it in an action with one', () => {
    expect(refusal(chart({ invoke: { src: child, id: 'w' } })).where).toBe("subject: m, invoke 'w'")
    expect(refusal(entering(spawnChild(child, { id: 'w' }))).hint).toContain('setup({ actors')
    const start = spawnChild(child, { id: 'w' })
    const machine = createMachine({ id: 'm', entry: 'start' } as never, { actions: { start } } as never)
    expect(refusal(machine).where).toBe('subject: actions.start')
  })

  it('is checked with the machines it starts', () => {
    const inner = createMachine({ id: 'inner', entry: () => {} })
    const middle = setup({ actors: { inner } }).createMachine({ id: 'middle' })
    const outer = setup({ actors: { middle } }).createMachine({ id: 'outer' })
    expect(refusal(outer)).toMatchObject({ where: 'subject--middle--inner: inner, entry' })
  })

  it('may compute context, inputs and outputs: XState has no names for these', () => {
    const machine = chart({
      context: () => ({ n: 1 }),
      invoke: { src: 'work', input: () => 1 },
      states: { a: { always: 'b' }, b: { type: 'final' } },
      output: () => 1,
    })
    expect(() => checkDurable(machine, 'subject')).not.toThrow()
  })

  it('may have a child that has itself as a child', () => {
    const actors: Record<string, unknown> = {}
    const machine = createMachine({ id: 'm' }).provide({ actors } as never)
    ;(machine.implementations.actors as Record<string, unknown>)['again'] = machine
    expect(() => checkDurable(machine, 'subject')).not.toThrow()
  })

  it('may be of logic without a chart', () => {
    expect(() => checkDurable(child, 'subject')).not.toThrow()
    expect(() =>
      checkDurable(
        fromTransition((state) => state, 0),
        'subject',
      ),
    ).not.toThrow()
  })

  it('may be any workflow or supervisor of ours', () => {
    const steps = [
      { name: 'read', retries: 2, timeout: '1s', backoff: '1s' },
      { name: 'each', kind: 'map', after: ['read'], timeout: '1s', optional: true },
      { name: 'extra', after: ['read'], conditional: true },
      { name: 'write', after: ['each', 'extra'] },
    ] as const
    const plan = planWorkflow('report', steps, { timeout: '1m', output: true, version: '3' })
    expect(() => checkDurable(workflowMachine(plan), 'report')).not.toThrow()
    const limits = { concurrency: 2, capacity: 4, patience: 1_000 }
    const supervisor = supervisorMachine({ name: 'desk', actors: [], agents: [], limits: limits as never })
    expect(() => checkDurable(supervisor, 'desk')).not.toThrow()
  })
})
