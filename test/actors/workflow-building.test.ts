import { expect, it } from 'vitest'
import type { ActorDefinition } from '../../runtime/index.ts'
import { defineWorkflow } from '../../actors/define-workflow.ts'

type Loose = {
  step(name: string, options: object): Loose
}

const empty = (): Loose => defineWorkflow('w') as unknown as Loose
const run = (): number => 1

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
