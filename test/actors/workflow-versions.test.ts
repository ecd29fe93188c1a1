import { describe, expect, it } from 'vitest'
import { defineWorkflow } from '../../actors/index.ts'
import { check, cutOff, goOn } from './cut-off-run.ts'
import { type WorkBench, workBench } from './work-bench.ts'

const first = { durability: 'durable', version: '1' } as const
const second = { durability: 'durable', version: '2' } as const

/** A run of a → b → c that was cut off in b. */
function abc({ work }: WorkBench) {
  return defineWorkflow('run', first)
    .step('a', { run: () => work('a', 1) })
    .step('b', { after: ['a'], idempotent: true, run: ({ results }) => work('b', results.a + 1) })
    .step('c', { after: ['b'], run: ({ results }) => work('c', results.b + 1) })
}

type Second = (bench: WorkBench) => object

/** Changes with which a run that was cut off in `b` goes on, what it comes to, and what is done then. */
const TAKEN: Readonly<Record<string, readonly [second: Second, results: object, done: readonly string[]]>> = {
  'nothing but a new version': [
    ({ work }) =>
      defineWorkflow('run', second)
        .step('a', { run: () => work('a', 1) })
        .step('b', { after: ['a'], idempotent: true, run: ({ results }) => work('b', results.a + 1) })
        .step('c', { after: ['b'], run: ({ results }) => work('c', results.b + 1) }),
    { a: 1, b: 2, c: 3 },
    ['b', 'c'],
  ],
  'a step at the end': [
    ({ work }) =>
      defineWorkflow('run', second)
        .step('a', { run: () => work('a', 1) })
        .step('b', { after: ['a'], idempotent: true, run: ({ results }) => work('b', results.a + 1) })
        .step('c', { after: ['b'], run: ({ results }) => work('c', results.b + 1) })
        .step('d', { after: ['c'], run: ({ results }) => work('d', results.c + 1) }),
    { a: 1, b: 2, c: 3, d: 4 },
    ['b', 'c', 'd'],
  ],
  'a step between the one under way and the next': [
    ({ work }) =>
      defineWorkflow('run', second)
        .step('a', { run: () => work('a', 1) })
        .step('b', { after: ['a'], idempotent: true, run: ({ results }) => work('b', results.a + 1) })
        .step('x', { after: ['b'], run: ({ results }) => work('x', results.b * 10) })
        .step('c', { after: ['x'], run: ({ results }) => work('c', results.x + 1) }),
    { a: 1, b: 2, x: 20, c: 21 },
    ['b', 'x', 'c'],
  ],
  'a step that could begin at once, and is not declared idempotent': [
    ({ work }) =>
      defineWorkflow('run', second)
        .step('a', { run: () => work('a', 1) })
        .step('b', { after: ['a'], idempotent: true, run: ({ results }) => work('b', results.a + 1) })
        .step('x', { after: ['a'], run: ({ results }) => work('x', results.a * 10) })
        .step('c', { after: ['b', 'x'], run: ({ results }) => work('c', results.b + results.x) }),
    { a: 1, b: 2, x: 10, c: 12 },
    ['b', 'x', 'c'],
  ],
  'a step that decides first': [
    ({ work }) =>
      defineWorkflow('run', second)
        .step('a', { run: () => work('a', 1) })
        .step('b', { after: ['a'], idempotent: true, run: ({ results }) => work('b', results.a + 1) })
        .step('x', { after: ['a'], when: ({ results }) => results.a === 1, run: () => work('x', 7) })
        .step('c', { after: ['b'], run: ({ results }) => work('c', results.b + 1) }),
    { a: 1, b: 2, x: 7, c: 3 },
    ['b', 'x', 'c'],
  ],
  'a finished step less': [
    ({ work }) =>
      defineWorkflow('run', second)
        .step('b', { idempotent: true, run: () => work('b', 2) })
        .step('c', { after: ['b'], run: ({ results }) => work('c', results.b + 1) }),
    { b: 2, c: 3 },
    ['b', 'c'],
  ],
  'a step less that has not begun': [
    ({ work }) =>
      defineWorkflow('run', second)
        .step('a', { run: () => work('a', 1) })
        .step('b', { after: ['a'], idempotent: true, run: ({ results }) => work('b', results.a + 1) }),
    { a: 1, b: 2 },
    ['b'],
  ],
  'other retries, time limits and an output': [
    ({ work }) =>
      defineWorkflow('run', { ...second, timeout: '1h' })
        .step('a', { run: () => work('a', 1), retries: 3 })
        .step('b', { after: ['a'], idempotent: true, timeout: '9s', retries: 2, run: () => work('b', 2) })
        .step('c', { after: ['b'], timeout: '5s', run: ({ results }) => work('c', results.b + 1) })
        .output(({ results }) => results.c),
    { a: 1, b: 2, c: 3 },
    ['b', 'c'],
  ],
  'a chain that becomes lanes': [
    ({ work }) =>
      defineWorkflow('run', second)
        .step('a', { run: () => work('a', 1) })
        .step('b', { after: ['a'], idempotent: true, run: ({ results }) => work('b', results.a + 1) })
        .step('c', { run: () => work('c', 9) }),
    { a: 1, b: 2, c: 9 },
    ['b', 'c'],
  ],
  'a step with a new name that has not begun': [
    ({ work }) =>
      defineWorkflow('run', { ...second, renamed: { c: 'sum', a: 'start' } })
        .step('start', { run: () => work('a', 1) })
        .step('b', { after: ['start'], idempotent: true, run: ({ results }) => work('b', results.start + 1) })
        .step('sum', { after: ['b'], run: ({ results }) => work('sum', results.start + results.b) }),
    { start: 1, b: 2, sum: 3 },
    ['b', 'sum'],
  ],
  'a migration of its input and no more': [
    ({ work }) =>
      defineWorkflow('run', {
        ...second,
        migrate: [
          {
            from: '1',
            to: '2',
            migrate: ({ context, ...state }) => ({ ...state, context: { ...(context as object), input: 5 } }),
          },
        ],
      })
        .step('a', { run: () => work('a', 1) })
        .step('b', { after: ['a'], idempotent: true, run: ({ input }) => work('b', input as unknown) })
        .step('x', { after: ['b'], run: () => work('x', 3) }),
    { a: 1, b: 5, x: 3 },
    ['b', 'x'],
  ],
}

/** Changes with which a run that was cut off in `b` is refused, and why. */
const REFUSED: Readonly<Record<string, readonly [second: Second, fault: string]>> = {
  'a step between a finished one and the one under way': [
    () =>
      defineWorkflow('run', second)
        .step('a', { run: () => 1 })
        .step('x', { after: ['a'], run: () => 1 })
        .step('b', { after: ['x'], idempotent: true, run: () => 2 })
        .step('c', { after: ['b'], run: () => 3 }),
    "'b' comes after the new step 'x', and is under way without it",
  ],
  'the step under way gone': [
    () =>
      defineWorkflow('run', second)
        .step('a', { run: () => 1 })
        .step('c', { after: ['a'], run: () => 3 }),
    "the step 'b' is under way, and the workflow does not have it any more",
  ],
  'a new name for the step under way': [
    () =>
      defineWorkflow('run', { ...second, renamed: { b: 'y' } })
        .step('a', { run: () => 1 })
        .step('y', { after: ['a'], run: () => 2 })
        .step('c', { after: ['y'], run: () => 3 }),
    "the step 'b' is under way, and cannot get another name while it is",
  ],
  'another order of what is under way and what was to come': [
    () =>
      defineWorkflow('run', second)
        .step('a', { run: () => 1 })
        .step('c', { after: ['a'], run: () => 3 })
        .step('b', { after: ['c'], run: () => 2 }),
    "'b' comes after 'c' in this version, and is under way without it",
  ],
  'another list of steps without a version': [
    () =>
      defineWorkflow('run', first)
        .step('a', { run: () => 1 })
        .step('b', { after: ['a'], idempotent: true, run: () => 2 })
        .step('d', { after: ['b'], run: () => 3 }),
    "the chart changed and its version '1' did not",
  ],
  'a migration that leaves no memory of the run': [
    () =>
      defineWorkflow('run', {
        ...second,
        migrate: [{ from: '1', to: '2', migrate: () => ({ value: 'b', context: {} }) }],
      }).step('b', { idempotent: true, run: () => 2 }),
    'its context is not the memory of a run any more',
  ],
}

describe('a durable run that was cut off, of a workflow whose steps change', () => {
  it.each(Object.entries(TAKEN))(
    'goes on and ends as `troupe machine check` says: %s',
    async (_, [define, results, done]) => {
      const bench = workBench()
      bench.let('a')
      const stored = await cutOff(abc(bench), bench, 'b')
      const workflow = define(bench)
      expect((await check(workflow, stored)).problems).toEqual([])
      bench.let('b', 'c', 'd', 'x', 'sum')
      expect(await goOn(workflow, stored)).toMatchObject({ status: 'completed', results })
      expect(bench.begun).toEqual(['a', 'b', ...done])
    },
  )

  it.each(Object.entries(REFUSED))(
    'is refused as `troupe machine check` says, and goes on with what wrote it: %s',
    async (_, [define, fault]) => {
      const bench = workBench()
      bench.let('a')
      const stored = await cutOff(abc(bench), bench, 'b')
      const workflow = define(bench)
      const { problems } = await check(workflow, stored)
      expect(problems.map((problem) => problem.fault)).toContain(fault)
      expect(problems.every(({ hint }) => hint.length > 0)).toBe(true)
      expect(await goOn(workflow, stored)).toMatchObject({ status: 'INCOMPATIBLE' })
      bench.let('b', 'c')
      expect(await goOn(abc(bench), stored)).toMatchObject({ status: 'completed', results: { a: 1, b: 2, c: 3 } })
    },
  )
})
