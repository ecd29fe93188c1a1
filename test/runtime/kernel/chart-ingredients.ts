import {
  and,
  assign,
  cancel,
  emit,
  enqueueActions,
  forwardTo,
  fromCallback,
  log,
  not,
  or,
  raise,
  sendTo,
  spawnChild,
  stateIn,
  stopChild,
} from 'xstate'

/** An action, by its kind and a number that makes it one of many. */
export type ActionRecipe = readonly [kind: string, of: number]

/** What the functions of a drawn chart see. */
export type Args = {
  readonly context: { readonly n: number; readonly m: number }
  readonly event: { readonly type: string }
}

/** The types of events that drawn charts know. */
export const TYPES: readonly string[] = ['go', 'go.far', 'go.far.on', 'stay', 'raised']

/** A guard, by its kind; `size` is the number of states. */
export function guardOf([kind, of]: ActionRecipe, size: number): unknown {
  const made: Readonly<Record<string, unknown>> = {
    even: 'isEven',
    alias: 'isAlias',
    over: { type: 'isOver', params: { than: of } },
    overMade: { type: 'isOver', params: ({ context }: Args) => ({ than: context.m }) },
    inline: ({ context, event }: Args) => (context.n + event.type.length) % 3 !== of % 3,
    and: and(['isEven', { type: 'isOver', params: { than: of } } as never]),
    or: or(['isEven', ({ context }) => context.m > of]),
    not: not('isEven'),
    stateIn: stateIn(`#s${of % size}`),
    fail: ({ context }: Args) => {
      if (context.n % 5 === 3) throw new Error(`guard ${of}`)
      return true
    },
  }
  return made[kind]
}

/** The guards that have names. */
export const guards = {
  isEven: ({ context }: Args) => context.n % 2 === 0,
  isOver: ({ context }: Args, { than }: { than: number }) => context.n > than,
  isAlias: 'isEven',
}

/** The actions that have names. */
export const implementations = {
  own: () => {},
  named: assign(({ context }) => ({ m: (context as Args['context']).m + 1 })),
}

// Only XState can look it up.
const nameless = fromCallback(() => {})

/** An action, by its kind; one that speaks to an actor speaks to `child`. */
export function actionOf([kind, of]: ActionRecipe, child = of): unknown {
  const more = ({ context }: Args) => ({ n: (context.n + of) % 20 })
  const made: Readonly<Record<string, () => unknown>> = {
    assign: () => assign(more as never),
    assignAll: () => assign({ m: of, n: (({ context }: Args) => (context.n + context.m) % 20) as never }),
    own: () => 'own',
    ownWith: () => ({ type: 'own', params: { of } }),
    ownWithFunction: () => ({ type: 'own', params: ({ context }: Args) => ({ of: context.n }) }),
    inline: () => function inline() {},
    named: () => 'named',
    raise: () => raise({ type: 'raised' } as never),
    raiseMade: () => raise((({ context }: Args) => ({ type: TYPES[context.n % 5] })) as never),
    raiseLater: () => raise({ type: 'stay' } as never, { id: `r${of}`, delay: (() => of) as never }),
    cancel: () => cancel(`r${of}`),
    cancelMade: () => cancel((({ context }: Args) => `r${context.n}`) as never),
    emit: () => emit({ type: 'said', of } as never),
    log: () => log(({ context }: Args) => context.n, 'n'),
    spawn: () => spawnChild('work' as never, { id: `a${of}`, input: of, syncSnapshot: of === 1 } as never),
    spawnNameless: () => spawnChild(nameless as never, { id: `a${of}` } as never),
    stop: () => stopChild(`a${of}`),
    stopMade: () => stopChild((({ context }: Args) => `a${context.n}`) as never),
    tellSelf: () => sendTo((({ self }: { self: unknown }) => self) as never, { type: 'stay' } as never),
    tell: () => sendTo(`a${child}`, { type: 'hello' } as never),
    forward: () => forwardTo(`a${child}`),
    fail: () =>
      assign((({ context }: Args) => {
        if (context.n % 4 === 1) throw new Error(`assign ${of}`)
        return {}
      }) as never),
    enqueue: () =>
      enqueueActions((({ enqueue, check }: { enqueue: Enqueue; check: (guard: unknown) => boolean }) => {
        if (check('isEven')) enqueue(actionOf(['inline', of]))
        enqueue(actionOf(['assign', of + 1]))
        enqueue(actionOf([of % 2 ? 'raise' : 'spawn', of]))
        if (of > 4) enqueue(actionOf(['ownWithFunction', of]))
      }) as never),
  }
  return (made[kind] as () => unknown)()
}

type Enqueue = (action: unknown) => void
