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
