import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineWorkflow } from '../../../actors/index.ts'
import { createRuntime } from '../../../runtime/index.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'
import { order } from '../../actors/versioned-order.ts'
import { troupe } from './troupe-command.ts'

const ACTORS = pathToFileURL(join(import.meta.dirname, '../../../actors/index.ts')).href

let folder: string
let db: string

const placed = (pay: () => Promise<string>) =>
  defineWorkflow('order', { durability: 'durable', version: '1' })
    .step('reserve', { run: () => 'reserved' })
    .step('pay', { after: ['reserve'], idempotent: true, run: pay })
    .step('ship', { after: ['pay'], run: () => 'shipped' })

/** A module that exports the workflow with a version and steps, each after the one before it. */
function moduleOf(version: string, ...names: readonly string[]): string {
  const steps = names.map(
    (name, index) =>
      `.step('${name}', { after: ${JSON.stringify(names.slice(index - 1, index))}, idempotent: ${name === 'pay'}, run: () => 1 })`,
  )
  const file = join(folder, `order-${version}-${names.join('-')}.mjs`)
  const define = `defineWorkflow('order', { durability: 'durable', version: '${version}' })`
  writeFileSync(file, `import { defineWorkflow } from '${ACTORS}'\nexport const order = ${define}${steps.join('')}\n`)
  return file
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'workflow-check-'))
  db = join(folder, 'orders.sqlite')
  const paying = Promise.withResolvers<void>()
  const first = placed(() => {
    paying.resolve()
    return new Promise(() => {})
  })
  const runtime = await createRuntime({ journal: sqlite(db), actors: [first] })
  await runtime.spawn(first, { key: 'o-1' })
  await paying.promise
  await runtime.idle()
  await runtime.stop()
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('troupe machine check, on the runs of a workflow', () => {
  it('says that they go on with a step more, and they do', async () => {
    const { code, out } = await troupe('machine', 'check', moduleOf('2', 'reserve', 'pay', 'pack', 'ship'), '--db', db)
    expect(out).toBe('order, version 2: 1 migrated\n\nCompatible.\n')
    expect(code).toBe(0)
    const runtime = await createRuntime({ journal: sqlite(db), actors: [order] })
    const { status, results } = await runtime.ref(order, 'o-1').result({ timeout: '10s' })
    await runtime.stop()
    expect(status).toBe('completed')
    expect(results.ship).toBe('reserved, paid, packed, shipped')
  })

  it.each([
    [
      'a step before the one they are in',
      ['2', 'reserve', 'check', 'pay', 'ship'],
      "'pay' comes after the new step 'check'",
    ],
    ['the step that they are in gone', ['2', 'reserve', 'ship'], "the step 'pay' is under way"],
    ['no version', ['1', 'reserve', 'pay', 'pack', 'ship'], "its version '1' did not"],
  ])('says why they cannot, and where: %s', async (_, [version = '', ...steps], fault) => {
    const { code, out } = await troupe('machine', 'check', moduleOf(version, ...steps), '--db', db)
    expect(out).toContain(fault)
    expect(out).toContain('local/order/o-1')
    expect(code).toBe(1)
  })
})
