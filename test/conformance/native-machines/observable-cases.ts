import { assign, fromEventObservable, fromObservable, setup, type Subscribable } from 'xstate'
import type { NativeCase, Trace } from '../../support/conformance/native-case.ts'

/** Observable logic: values, events, completion, errors, unsubscription. */
export const observableCases: readonly NativeCase[] = [
  {
    name: 'onSnapshot hears the values of an observable and onDone its completion',
    logic: (trace) =>
      setup({
        types: {} as { context: { last: number } },
        actors: { counting: fromObservable(() => series([1, 2, 3], trace)) },
      }).createMachine({
        context: { last: 0 },
        initial: 'on',
        states: {
          on: {
            invoke: {
              id: 'counting',
              src: 'counting',
              onSnapshot: { actions: assign({ last: ({ event }) => event.snapshot.context ?? -1 }) },
              onDone: { target: 'off', actions: () => trace('completed') },
            },
          },
          off: {},
        },
      }),
    script: [],
  },
  {
    name: 'an event observable sends its events to the parent',
    logic: (trace) =>
      setup({
        actors: { events: fromEventObservable(() => series([{ type: 'A' }, { type: 'B', n: 1 }], trace)) },
      }).createMachine({
        initial: 'on',
        states: {
          on: {
            invoke: { id: 'events', src: 'events', onDone: 'off' },
            on: { A: { actions: () => trace('A') }, B: { actions: () => trace('B') } },
          },
          off: {},
        },
      }),
    script: [],
  },
  {
    name: 'leaving unsubscribes',
    logic: (trace) =>
      setup({ actors: { open: fromObservable(() => series([1], trace, 'open')) } }).createMachine({
        initial: 'on',
        states: { on: { invoke: { id: 'open', src: 'open' }, on: { OFF: 'off' } }, off: {} },
      }),
    script: [{ type: 'OFF' }],
  },
  {
    name: 'the error of an observable arrives in onError',
    logic: (trace) =>
      setup({ actors: { broken: fromObservable(() => series([1], trace, 'error')) } }).createMachine({
        initial: 'on',
        states: {
          on: { invoke: { id: 'broken', src: 'broken', onError: { target: 'off', actions: () => trace('caught') } } },
          off: {},
        },
      }),
    script: [],
  },
]

interface Listener<T> {
  next?: (value: T) => void
  error?: (error: unknown) => void
  complete?: () => void
}

/** Says its values in later turns, then ends as told. */
function series<T>(
  values: readonly T[],
  trace: Trace,
  end: 'complete' | 'open' | 'error' = 'complete',
): Subscribable<T> {
  const subscribe = (listener: Listener<T>) => {
    let open = true
    void (async () => {
      for (const value of values) {
        await Promise.resolve()
        if (open) listener.next?.(value)
      }
      await Promise.resolve()
      if (open && end === 'complete') listener.complete?.()
      if (open && end === 'error') listener.error?.(new Error('broken'))
    })()
    return {
      unsubscribe() {
        open = false
        trace('unsubscribed')
      },
    }
  }
  return { subscribe } as unknown as Subscribable<T>
}
