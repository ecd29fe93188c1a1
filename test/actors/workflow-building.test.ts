import { expect, it } from 'vitest'
import type { ActorDefinition } from '../../runtime/index.ts'
import { defineWorkflow } from '../../actors/define-workflow.ts'

type Loose = {
  step(name: string, options: object): Loose
}

const empty = (): Loose => defineWorkflow('w') as unknown as Loose
const run = (): number => 1
const refusal = (message: string) =>
  expect.objectContaining({
    code: 'INVALID_MESSAGE',
    message: expect.stringContaining(message) as string,
    hint: expect.stringMatching(/./) as string,
  }) as Error

it('a thousand steps make one chart', () => {
  let workflow = empty().step('s0', { run })
  for (let index = 1; index < 1_000; index++) workflow = workflow.step(`s${index}`, { after: [`s${index - 1}`], run })
  const { hosted } = workflow as unknown as ActorDefinition
  expect(Object.keys(hosted.machine?.states ?? {}).filter((name) => /^s\d+$/.test(name))).toHaveLength(1_000)
})

it.each([
  ['a name that is taken', 'a', {}, "'w' has two steps named 'a'"],
  ['a name that is none', '1', {}, "'1' cannot name a step"],
  ['a step to come', 'c', { after: ['d'] }, "'c' comes after 'd', which is no step"],
  ['itself', 'c', { after: ['c'] }, 'c -> c'],
  ['a bad duration', 'c', { timeout: 0 }, 'w.c.timeout is 0'],
  ['shares above one', 'c', { budget: 0.8 }, 'add up to'],
] as const)('a step is refused as soon as it is added: %s', (_, name, options, message) => {
  const workflow = empty()
    .step('a', { run, budget: 0.5 })
    .step('b', { after: ['a'], run })
  expect(() => workflow.step(name, { ...options, run })).toThrow(message)
})

it.each([
  ['a slip of the pen', 'raed', "did you mean 'read'? If not, declare 'raed' before 'last'"],
  ['another case and other separators', 'load_rows', "did you mean 'loadRows'?"],
  ['a plural', 'reads', "did you mean 'read'?"],
  ['what may mean two', 'loadRowz', "did you mean 'loadRows' or 'loadRow2'?"],
  [
    'what is like none',
    'publish',
    "declare 'publish' before 'last', or correct the name; declared so far: read, loadRows",
  ],
  ['a short name, which is like every other', 'x', "declare 'x' before 'last', or correct the name"],
])('a step that waits for %s learns what to write', (_, wanted, hint) => {
  const workflow = empty().step('read', { run }).step('loadRows', { run }).step('loadRow2', { run })
  const refused = expect.objectContaining({
    code: 'INVALID_MESSAGE',
    where: 'w.last.after',
    message: `'last' comes after '${wanted}', which is no step so far`,
    hint: expect.stringContaining(hint) as string,
  }) as Error
  expect(() => workflow.step('last', { after: ['read', wanted], run })).toThrow(refused)
})

it('the first step cannot wait for another, and is told that none is there', () => {
  const refused = expect.objectContaining({
    hint: expect.stringContaining('none is declared so far') as string,
  }) as Error
  expect(() => empty().step('first', { after: ['read'], run })).toThrow(refused)
})

it.each([
  ['an option that is none', { budgets: {} }, "w has no field 'budgets'"],
  ['a budget in another money', { budget: { usd: 1 } }, "w.budget has no field 'usd'"],
  ['a budget that is a number', { budget: 5 }, 'w.budget is 5'],
  ['a debt', { budget: { costUsd: -1 } }, 'w.budget.costUsd is -1'],
  ['no end', { budget: { tokens: Number.NaN } }, 'w.budget.tokens is NaN'],
  ['no time', { timeout: 0 }, 'w.timeout is 0'],
  ['a durability that is none', { durability: 'yes' }, "w.durability is 'yes'"],
  ['an input without schema', { input: { city: 'text' } }, 'w.input is no zod schema'],
])('a workflow is refused where it is defined: %s', (_, options, message) => {
  expect(() => defineWorkflow('w', options as never)).toThrow(refusal(message))
})

it('a workflow without a name is refused', () => {
  expect(() => defineWorkflow(undefined as never)).toThrow("'undefined' cannot name a workflow")
  expect(() => defineWorkflow('two words')).toThrow("'two words' cannot name a workflow")
})

it.each([
  ['a name that is misspelt', 'step', { run, timout: 5 }, "w.s has no field 'timout'"],
  ['nothing to do', 'step', { runn: run }, "w.s has no field 'runn'"],
  ['no options', 'step', undefined, 'w.s.run is missing'],
  ['what is called and is no function', 'step', { run: 5 }, 'w.s.run is 5'],
  ['one name in place of a list', 'step', { run, after: 'a' }, "w.s.after is 'a'"],
  ['a flag that is a text', 'step', { run, idempotent: 'yes' }, "w.s.idempotent is 'yes'"],
  ['a flag that is a number', 'step', { run, optional: 1 }, 'w.s.optional is 1'],
  ['a condition that is a value', 'step', { run, when: true }, 'w.s.when is true'],
  ['an option of a map', 'step', { run, limit: 3 }, "w.s has no field 'limit'"],
  ['a map of nothing', 'map', { run }, 'w.s.over is missing'],
  ['a list that is no function', 'map', { run, over: [1] }, 'w.s.over is a list of another kind'],
  ['a tolerance by count', 'map', { run, over: run, tolerate: 2 }, 'w.s.tolerate is 2'],
  ['two ways to do it', 'map', { run, over: run, actor: empty() }, "w.s has no field 'run'"],
  ['an actor that is none', 'map', { over: run, actor: { type: 'x' } }, 'w.s.actor is an object of another shape'],
  ['a child that is none', 'child', { workflow: run }, 'w.s.workflow is a function'],
  ['an output', 'output', undefined, 'w.output is missing'],
] as const)('a step is refused for its options where it is added: %s', (_, verb, options, message) => {
  const workflow = empty() as unknown as Record<string, (name: unknown, options?: unknown) => unknown>
  const add = () => (verb === 'output' ? workflow.output?.(options) : workflow[verb]?.('s', options))
  expect(add).toThrow(refusal(message))
})
