import {
  type AnyActorRef,
  assign,
  createMachine,
  enqueueActions,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
} from 'xstate'
import type { NativeCase, Trace } from '../../support/conformance/native-case.ts'

/** How children come and go: spawned, stopped, replaced, done, watched. */
export const childLifeCases: readonly NativeCase[] = [
  {
    name: 'spawned children live until they are stopped by id',
    logic: (trace) =>
      setup({ actors: { worker: worker(trace) } }).createMachine({
        on: {
          HIRE: { actions: spawnChild('worker', { id: 'w' }) },
          TELL: { actions: sendTo('w', { type: 'WORK' }) },
          FIRE: { actions: [stopChild('w'), () => trace('fired')] },
          WORKED: { actions: () => trace('worked') },
        },
      }),
    script: ['HIRE', 'TELL', 'FIRE', 'HIRE', 'TELL'].map((type) => ({ type })),
  },
  {
    name: 'an entry action may send to the child that its state invokes, also when it is entered again',
    logic: (trace) =>
      setup({ actors: { worker: worker(trace) } }).createMachine({
        initial: 'on',
        states: {
          on: {
            entry: [sendTo('w', { type: 'WORK' }), sendTo('w', { type: 'WORK' })],
            invoke: { src: 'worker', id: 'w' },
            on: { AGAIN: { target: 'on', reenter: true } },
          },
        },
        on: { WORKED: { actions: () => trace('worked') } },
      }),
    script: [{ type: 'AGAIN' }, { type: 'AGAIN' }],
  },
  {
    name: 'a child may be spawned from an inline machine',
    logic: (trace) =>
      createMachine({
        entry: spawnChild(worker(trace), { id: 'inline' }),
        on: {
          TELL: { actions: sendTo('inline', { type: 'WORK' }) },
          WORKED: { actions: () => trace('worked') },
        },
      }),
    script: [{ type: 'TELL' }],
  },
  {
    name: 'an invoked machine may be written inline',
    logic: (trace) =>
      createMachine({
        initial: 'a',
        states: {
          a: {
            invoke: { src: worker(trace), id: 'inline', onDone: 'b' },
            on: { TELL: { actions: sendTo('inline', { type: 'QUIT' }) }, WORKED: { actions: () => trace('worked') } },
          },
          b: {},
        },
      }),
    script: [{ type: 'TELL' }],
  },
  {
    name: 'children are spawned and stopped from enqueued actions, by computed ids',
    logic: (trace) =>
      setup({ types: {} as { context: { next: number } }, actors: { worker: worker(trace) } }).createMachine({
        context: { next: 1 },
        on: {
          HIRE: {
            actions: enqueueActions(({ enqueue, context }) => {
              enqueue.spawnChild('worker', { id: `w${context.next}` })
              enqueue.sendTo(`w${context.next}`, { type: 'WORK' })
              enqueue.assign({ next: context.next + 1 })
            }),
          },
          FIRE: {
            actions: enqueueActions(({ enqueue, context }) => {
              enqueue.stopChild(`w${context.next - 1}`)
            }),
          },
          WORKED: { actions: ({ event }) => trace(`worked: ${(event as unknown as { who: string }).who}`) },
        },
      }),
    script: ['HIRE', 'HIRE', 'FIRE', 'HIRE'].map((type) => ({ type })),
  },
  {
    name: 'entering its state anew replaces an invoked child',
    logic: (trace) =>
      setup({ actors: { worker: worker(trace) } }).createMachine({
        initial: 'on',
        states: {
          on: {
            invoke: { id: 'w', src: 'worker' },
            on: {
              AGAIN: { target: 'on', reenter: true },
              TELL: { actions: sendTo('w', { type: 'WORK' }) },
              WORKED: { actions: ({ event }) => trace(`count ${(event as unknown as { count: number }).count}`) },
            },
          },
        },
      }),
    script: ['TELL', 'TELL', 'AGAIN', 'TELL'].map((type) => ({ type })),
  },
  {
    name: 'a child that is done in its first step is heard',
    logic: (trace) =>
      setup({
        actors: {
          brief: setup({ types: {} as { output: string } }).createMachine({
            entry: () => trace('brief'),
            initial: 'end',
            states: { end: { type: 'final' } },
            output: 'short',
          }),
        },
      }).createMachine({
        initial: 'a',
        states: {
          a: {
            invoke: {
              id: 'brief',
              src: 'brief',
              onDone: { target: 'b', actions: ({ event }) => trace(`got ${event.output}`) },
            },
          },
          b: {},
        },
      }),
    script: [],
  },
  {
    name: 'what a child says in its last step comes before its end',
    logic: (trace) =>
      setup({ actors: { worker: worker(trace) } }).createMachine({
        initial: 'a',
        states: {
          a: {
            invoke: { id: 'w', src: 'worker', onDone: { target: 'b', actions: () => trace('done') } },
            on: {
              QUIT: { actions: sendTo('w', { type: 'QUIT' }) },
              BYE: { actions: () => trace('bye') },
            },
          },
          b: { on: { BYE: { actions: () => trace('too late') } } },
        },
      }),
    script: [{ type: 'QUIT' }],
  },
  {
    name: 'onSnapshot follows the states of a child machine',
    logic: (trace) =>
      setup({ types: {} as { context: { seen: number } }, actors: { worker: worker(trace) } }).createMachine({
        context: { seen: 0 },
        invoke: {
          id: 'w',
          src: 'worker',
          onSnapshot: {
            actions: [
              assign({ seen: ({ event }) => event.snapshot.context.count }),
              ({ event }) => trace(`sees ${event.snapshot.context.count} ${event.snapshot.status}`),
            ],
          },
        },
        on: { TELL: { actions: sendTo('w', { type: 'WORK' }) } },
      }),
    script: [{ type: 'TELL' }, { type: 'TELL' }],
  },
  {
    name: 'a spawned child whose snapshots are synced',
    logic: (trace) =>
      setup({ actors: { worker: worker(trace) } }).createMachine({
        entry: spawnChild('worker', { id: 'w', syncSnapshot: true }),
        on: {
          TELL: { actions: sendTo('w', { type: 'WORK' }) },
          'xstate.snapshot.w': {
            actions: ({ event }) => trace(JSON.stringify((event as unknown as Synced).snapshot.context)),
          },
        },
      }),
    script: [{ type: 'TELL' }],
  },
  {
    name: 'a parent is reached by its reference too, and through the end of a child in a final state',
    logic: (trace) => {
      const child = createMachine({
        initial: 'on',
        entry: sendTo(({ self }) => self._parent as AnyActorRef, { type: 'BORN' }),
        states: { on: { on: { END: 'off' } }, off: { type: 'final', entry: sendParent({ type: 'LAST' }) } },
      })
      return createMachine({
        invoke: { id: 'c', src: child, onDone: { actions: () => trace('done') } },
        on: {
          END: { actions: sendTo('c', { type: 'END' }) },
          BORN: { actions: () => trace('born') },
          LAST: { actions: () => trace('last') },
        },
      })
    },
    script: [{ type: 'END' }],
  },
  {
    name: 'a done parent takes its children along',
    logic: (trace) =>
      setup({ actors: { worker: worker(trace) } }).createMachine({
        initial: 'on',
        states: { on: { invoke: { id: 'w', src: 'worker' }, on: { END: 'off' } }, off: { type: 'final' } },
        entry: spawnChild('worker', { id: 'other' }),
      }),
    script: [{ type: 'END' }],
  },
]

interface Synced {
  readonly snapshot: { readonly context: unknown }
}

function worker(trace: Trace) {
  return setup({ types: {} as { context: { count: number } } }).createMachine({
    context: { count: 0 },
    initial: 'ready',
    entry: ({ self }) => trace(`${self.id} starts`),
    states: {
      ready: {
        on: {
          WORK: {
            actions: [
              assign({ count: ({ context }) => context.count + 1 }),
              ({ context, self }) => trace(`${self.id} works ${context.count}`),
              sendParent(({ context, self }) => ({ type: 'WORKED', who: self.id, count: context.count })),
            ],
          },
          QUIT: { target: 'gone', actions: sendParent({ type: 'BYE' }) },
        },
      },
      gone: { type: 'final' },
    },
  })
}
