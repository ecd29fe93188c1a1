import fc from 'fast-check'
import { type AnyStateMachine, createMachine, fromPromise } from 'xstate'
import { type ActionRecipe, actionOf, type Args, guardOf, guards, implementations, TYPES } from './chart-ingredients.ts'

/** A chart drawn at random, as a recipe that can be read in a report. */
export interface ChartRecipe {
  readonly root: StateRecipe
  readonly hasFactory: boolean
  readonly output: boolean
}

interface StateRecipe {
  readonly kind: 'plain' | 'final'
  readonly states: readonly StateRecipe[]
  readonly entry: readonly ActionRecipe[]
  readonly exit: readonly ActionRecipe[]
  readonly first: readonly ActionRecipe[] | null
  readonly on: readonly (readonly [string, EdgeRecipe])[]
  readonly always: readonly EdgeRecipe[]
  readonly after: readonly (readonly [string, EdgeRecipe])[]
  readonly invoke: 'work' | 'machine' | null
  readonly onEnd: readonly EdgeRecipe[]
  readonly onDone: readonly EdgeRecipe[]
  readonly tag: string
  readonly output: boolean
}

interface EdgeRecipe {
  readonly target: number | null
  readonly reenter: boolean
  readonly guard: readonly [kind: string, of: number]
  readonly actions: readonly ActionRecipe[]
}

const DESCRIPTORS = [...TYPES, 'go.*', 'go.far.*', '*']
const ACTIONS = [
  ...[
    'assign',
    'assign',
    'assignAll',
    'own',
    'ownWith',
    'ownWithFunction',
    'inline',
    'raise',
    'raiseMade',
    'raiseLater',
  ],
  ...[
    'cancel',
    'cancelMade',
    'emit',
    'log',
    'enqueue',
    'enqueue',
    'spawn',
    'spawnNameless',
    'stop',
    'stopMade',
    'tellSelf',
    'tell',
    'fail',
  ],
  ...['named', 'forward'],
]
const GUARDS = [
  ...['none', 'none', 'none', 'even', 'over', 'overMade', 'inline', 'and', 'or', 'not', 'stateIn', 'fail', 'alias'],
]

const small = fc.nat({ max: 7 })
const actions = fc.array(fc.tuple(fc.constantFrom(...ACTIONS), small), { maxLength: 2 })
const few = fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: actions })
const edge: fc.Arbitrary<EdgeRecipe> = fc.record({
  target: fc.option(fc.nat({ max: 20 }), { freq: 3 }),
  reenter: fc.boolean(),
  guard: fc.tuple(fc.constantFrom(...GUARDS), small),
  actions,
})
const rarely = fc.oneof(
  { weight: 4, arbitrary: fc.constant<readonly EdgeRecipe[]>([]) },
  { weight: 1, arbitrary: fc.array(edge, { minLength: 1, maxLength: 2 }) },
)

function state(depth: number): fc.Arbitrary<StateRecipe> {
  const kind =
    depth === 3 ? fc.constant('plain' as const) : fc.constantFrom('plain', 'plain', 'plain', 'final' as const)
  const inner = fc.array(
    fc.constant(null).chain(() => state(depth - 1)),
    { minLength: 1, maxLength: 3 },
  )
  const none = fc.constant<readonly StateRecipe[]>([])
  return fc.record({
    kind,
    states: depth === 3 ? inner : depth === 0 ? none : fc.oneof(none, inner),
    entry: few,
    exit: few,
    first: fc.option(actions, { freq: 2 }),
    on: fc.array(fc.tuple(fc.constantFrom(...DESCRIPTORS), edge), { maxLength: 4 }),
    always: rarely,
    after: fc.array(fc.tuple(fc.constantFrom('10', 'soon', 'made'), edge), { maxLength: 1 }),
    invoke: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.constantFrom('work' as const, 'machine' as const)),
    onEnd: rarely,
    onDone: rarely,
    tag: fc.constantFrom('calm', 'busy', ''),
    output: fc.boolean(),
  })
}

/** Charts over what tables can hold: nested states, guards, actions, timers, actors, final states. */
export const chartRecipe: fc.Arbitrary<ChartRecipe> = fc.record({
  root: state(3),
  hasFactory: fc.boolean(),
  output: fc.boolean(),
})

/** What charts are sent, the signals of the runtime among it. */
export const chartEvents: fc.Arbitrary<readonly { readonly type: string }[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...TYPES, 'unheard', '').map((type) => ({ type, by: 2 })) },
    { weight: 1, arbitrary: fc.nat({ max: 12 }).map((index) => ({ type: `xstate.done.actor.a${index}`, output: 3 })) },
    {
      weight: 1,
      arbitrary: fc.nat({ max: 12 }).map((index) => ({ type: `xstate.error.actor.a${index}`, error: 'e' })),
    },
    { weight: 1, arbitrary: fc.nat({ max: 12 }).map((index) => ({ type: `xstate.snapshot.a${index}`, snapshot: {} })) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('10', 'soon', 'made'), fc.nat({ max: 12 }))
        .map(([delay, index]) => ({ type: `xstate.after.${delay}.s${index}` })),
    },
  ),
  { maxLength: 25 },
)

/** The machine of a recipe. */
export function chartOf({ root, hasFactory, output }: ChartRecipe): AnyStateMachine {
  const all: StateRecipe[] = []
  const count = (each: StateRecipe): void => {
    all.push(each)
    if (each.kind !== 'final') each.states.forEach(count)
  }
  count(root)
  const first = { n: 0, m: 0 }
  const config = {
    ...stateConfig(root, all),
    options: { maxIterations: 12 },
    context: hasFactory ? ({ input }: { input?: number }) => ({ n: input ?? 0, m: 0 }) : first,
    ...(output ? { output: ({ context, event }: Args) => ({ ...context, event }) } : {}),
  }
  return createMachine(config as never, {
    actions: implementations as never,
    guards: guards as never,
    delays: { soon: 20, made: (({ context }: Args) => context.n + 1) as never },
    actors: { work: fromPromise(async () => 1), machine: createMachine({}) } as never,
  }) as unknown as AnyStateMachine
}

function stateConfig(recipe: StateRecipe, all: readonly StateRecipe[]): object {
  const index = all.indexOf(recipe)
  const id = `s${index}`
  const edges = (list: readonly EdgeRecipe[]) => list.map((each) => edgeConfig(each, all.length))
  const grouped = (list: StateRecipe['on']) =>
    Object.fromEntries(
      list.map(([key]) => [key, edges(list.filter(([other]) => other === key).map(([, each]) => each))]),
    )
  const base = {
    id,
    tags: recipe.tag ? [recipe.tag] : [],
    entry: recipe.entry.map((each) => actionOf(each, recipe.invoke ? index : each[1])),
    exit: recipe.exit.map((each) => actionOf(each)),
  }
  if (recipe.kind === 'final') {
    return { ...base, type: 'final', ...(recipe.output ? { output: ({ context }: Args) => context.n } : {}) }
  }
  const inner = recipe.states.map((each) => [`k${all.indexOf(each)}`, stateConfig(each, all)] as const)
  const target = inner[0]?.[0]
  return {
    ...base,
    ...(target
      ? { initial: recipe.first ? { target, actions: recipe.first.map((each) => actionOf(each)) } : target }
      : {}),
    ...(target ? { states: Object.fromEntries(inner) } : {}),
    on: grouped(recipe.on),
    after: grouped(recipe.after),
    always: edges(recipe.always),
    ...(target && recipe.onDone.length > 0 ? { onDone: edges(recipe.onDone) } : {}),
    ...(recipe.invoke
      ? {
          invoke: {
            id: `a${index}`,
            src: recipe.invoke,
            input: ({ context }: Args) => context.n,
            onDone: edges(recipe.onEnd),
            onError: edges(recipe.onEnd),
            ...(recipe.output ? { onSnapshot: edges(recipe.onEnd) } : {}),
          },
        }
      : {}),
  }
}

function edgeConfig({ target, reenter, guard, actions }: EdgeRecipe, size: number): object {
  const made = guardOf(guard, size)
  return {
    ...(target === null ? {} : { target: `#s${target % size}` }),
    reenter,
    ...(made === undefined ? {} : { guard: made }),
    actions: actions.map((each) => actionOf(each)),
  }
}
