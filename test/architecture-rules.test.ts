import { describe, expect, it } from 'vitest'
import { architecture } from './support/architecture/architecture.ts'
import { violationLines } from './support/architecture/violation.ts'

const MANIFEST = JSON.stringify({ name: 'troupe', exports: { '.': { 'troupe-source': './runtime/index.ts' } } })

/** A house without faults, into which each test plants one. */
const SOUND: Readonly<Record<string, string>> = {
  'package.json': MANIFEST,
  'runtime/README.md': '# The runtime\n',
  'runtime/index.ts': "export { actor } from './kernel/actor.ts'\n",
  'runtime/kernel/README.md': '# The kernel\n',
  'runtime/kernel/actor.ts':
    "import type { Clock } from '../ports/clock.ts'\nexport const actor = (_clock: Clock) => 1\n",
  'runtime/kernel/from-task.ts': "export { fromPromise } from 'xstate'\n",
  'runtime/ports/README.md': '# Ports\n',
  'runtime/ports/clock.ts': 'export interface Clock {\n  now(): number\n}\n',
  'runtime/protocol/README.md': '# The protocol\n',
  'runtime/protocol/message.ts': "import { z } from 'zod'\nexport const message = z.string()\n",
  'machines/README.md': '# Machines\n',
  'machines/door.machine.ts': "import { setup } from 'xstate'\nexport const door = setup({}).createMachine({})\n",
  'examples/01-hello.ts': "import { actor } from 'troupe'\nactor({ now: () => 0 })\n",
}

function violations(planted: Readonly<Record<string, string>>): string[] {
  return violationLines(architecture(new Map(Object.entries({ ...SOUND, ...planted }))))
}

const lines = (count: number) => '// line\n'.repeat(count)
const imports = (specifier: string) => `import { x } from '${specifier}'\nexport const y = x\n`

/** A fault, the files that have it, and what the gate says. */
const PLANTED: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  [
    'the runtime imports an actor',
    { 'runtime/kernel/a.ts': imports('../../actors/b.ts') },
    'may not import actors/b.ts',
  ],
  ['the runtime imports a transport', { 'runtime/a.ts': imports('../transports/nats/b.ts') }, 'transports/nats/b.ts'],
  ['the kernel imports the door', { 'runtime/kernel/a.ts': imports('../index.ts') }, 'may not import runtime/index.ts'],
  [
    'a type crosses a layer',
    { 'runtime/ports/a.ts': "export type X = import('../kernel/b.ts').Y\n" },
    'runtime/kernel/b',
  ],
  ['a re-export crosses a layer', { 'machines/a.ts': "export { x } from '../actors/b.ts'\n" }, 'actors/b.ts [layers]'],
  [
    'an import is dynamic',
    { 'machines/a.ts': "export const a = () => import('../runtime/index.ts')\n" },
    'index.ts [lay',
  ],
  [
    'the protocol reads the kernel',
    { 'runtime/protocol/a.ts': imports('../kernel/b.ts') },
    'may not import runtime/kernel',
  ],
  [
    'the middle floor leans aside',
    { 'runtime/supervision/a.ts': imports('../inspection/b.ts') },
    'may not import runtime/i',
  ],
  [
    'a transport reads the kernel',
    { 'transports/memory/a.ts': imports('../../runtime/kernel/b.ts') },
    'runtime/kernel/b.ts',
  ],
  [
    'a pack reads its neighbour',
    { 'agents/one/a.ts': imports('../two/b.ts') },
    'agents/one may not import its neighbour',
  ],
  ['an actor reads an agent', { 'actors/a.ts': imports('../agents/one/b.ts') }, 'may not import agents/one/b.ts'],
  ['the command line reads a pack', { 'runtime/cli/a.ts': imports('../../agents/one/pack.ts') }, 'agents/one/pack.ts'],
  ['an import has no .ts', { 'runtime/kernel/a.ts': imports('./actor.js') }, 'must end in .ts'],
  ['the source imports its own name', { 'actors/a.ts': imports('troupe') }, 'relative paths'],
  [
    'the protocol imports Node',
    { 'runtime/protocol/a.ts': imports('node:fs/promises') },
    'may not import node:fs/promises',
  ],
  ['a machine imports Node unprefixed', { 'machines/a.ts': imports('fs') }, 'machines may not import fs'],
  ['the protocol imports xstate', { 'runtime/protocol/a.ts': imports('xstate') }, 'may not import xstate'],
  ['the kernel drives xstate anywhere', { 'runtime/kernel/a.ts': imports('xstate') }, 'import its types only'],
  [
    'msgpackr is used twice',
    { 'runtime/protocol/a.ts': imports('msgpackr') },
    'only in the codecs of runtime/protocol',
  ],
  ['NATS is met outside', { 'actors/a.ts': imports('@nats-io/transport-node') }, 'only in transports/nats/'],
  ['a model SDK is met outside', { 'agents/one/a.ts': imports('openai/resources') }, 'only in actors/models/'],
  [
    'OpenTelemetry is met outside',
    { 'runtime/kernel/a.ts': imports('@opentelemetry/api') },
    'only in runtime/telemetry/',
  ],
  ['a domain library enters the core', { 'runtime/kernel/a.ts': imports('@e965/xlsx') }, 'may not import @e965/xlsx'],
  ['a port has a value', { 'runtime/ports/a.ts': 'export const a = 1\n' }, 'a is a value'],
  [
    'a port imports a value',
    { 'runtime/ports/a.ts': "import { b } from './b.ts'\nexport type A = typeof b\n" },
    'import type',
  ],
  [
    'folders go in a circle',
    { 'agents/one/in/a.ts': imports('../out/b.ts'), 'agents/one/out/b.ts': imports('../in/a.ts') },
    'agents/one/in/a.ts imports agents/one/out/b.ts; agents/one/out/b.ts imports agents/one/in/a.ts',
  ],
  [
    'a machine waits by itself',
    { 'machines/a.ts': 'export const a = () => setTimeout(() => {}, 1)\n' },
    'setTimeout must',
  ],
  ['the protocol reads the clock', { 'runtime/protocol/a.ts': 'export const a = Date.now()\n' }, 'Date.now must'],
  ['the protocol reads the date', { 'runtime/protocol/a.ts': 'export const a = new Date()\n' }, 'new Date() must'],
  ['a machine throws dice', { 'machines/a.ts': 'export const a = Math.random()\n' }, 'Math.random must'],
  ['a source file is too long', { 'actors/long.ts': lines(301) }, 'it has 301 lines, 300 are allowed'],
  ['a test file is too long', { 'test/long.test.ts': lines(301) }, 'it has 301 lines'],
  ['an example is too long', { 'examples/02-long.ts': lines(41) }, 'it has 41 lines, 40 are allowed'],
  ['a default export', { 'actors/a.ts': 'export default 1\n' }, 'default export'],
  ['a renamed default export', { 'actors/a.ts': "export { b as default } from './b.ts'\n" }, 'default export'],
  ['an `export *`', { 'actors/index.ts': "export * from './b.ts'\n" }, 'export *'],
  ['an `export * as`', { 'actors/index.ts': "export * as b from './b.ts'\n" }, 'export *'],
  ['an enum', { 'actors/a.ts': 'export enum Colour {\n  red,\n}\n' }, 'the enum Colour'],
  ['a class', { 'actors/a.ts': 'export class Service {}\n' }, 'the class Service'],
  ['an example reads the inside', { 'examples/02-a.ts': imports('../runtime/index.ts') }, 'no public name'],
  [
    'an example opens a closed door',
    { 'examples/02-a.ts': imports('troupe/kernel') },
    'troupe/kernel is no public name',
  ],
  ['two files have one name', { 'actors/actor.ts': 'export const x = 1\n' }, 'has the same base name'],
  ['a name is not kebab-case', { 'actors/modelCall.ts': 'export const x = 1\n' }, 'kebab-case'],
  ['a name says nothing', { 'actors/text-utils.ts': 'export const x = 1\n' }, 'says nothing'],
  ['a folder is unexplained', { 'agents/one/pack.ts': 'export const x = 1\n' }, 'agents/one: it has no README.md'],
  ['a README is too long', { 'machines/README.md': 'line\n'.repeat(41) }, 'it has 41 lines, 40 are allowed'],
  [
    'the build would leave a file behind',
    { 'machines/page.html': '<p>' },
    'machines/page.html: the build does not carry',
  ],
  ['a stranger at the top', { 'lib/a.ts': 'export const x = 1\n' }, 'lib: the top level has no place for it'],
]

describe('the architecture gate', () => {
  it('is silent about a house without faults', () => {
    expect(violations({})).toEqual([])
  })

  it.each(PLANTED)('bites when %s', (_fault, planted, message) => {
    expect(violations(planted).join('\n')).toContain(message)
  })

  it('refuses to judge a file it cannot read', () => {
    expect(() => violations({ 'actors/a.ts': 'export const = 1' })).toThrow('actors/a.ts')
  })

  it('lets an impure word stand where it is only a name', () => {
    const text = 'export const a = (step: { process: string }) => ({ fetch: step.process })\n'
    expect(violations({ 'machines/door-step.ts': text })).toEqual([])
  })

  it('lets an error be a class, and only the types of xstate into the kernel', () => {
    const text = "import type { AnyActorLogic } from 'xstate'\nexport class Refusal extends TypeError {}\n"
    expect(violations({ 'runtime/kernel/refusal.ts': `${text}export type Logic = AnyActorLogic\n` })).toEqual([])
  })

  it('lets a door stand above its rooms and a model below them', () => {
    expect(
      violations({
        'agents/one/README.md': '# One\n',
        'agents/one/pack.ts': "export { read } from './reading/read.ts'\n",
        'agents/one/reading/read.ts': "import type { Model } from '../model.ts'\nexport const read = (): Model => 1\n",
        'agents/one/model.ts': 'export type Model = number\n',
      }),
    ).toEqual([])
  })
})
