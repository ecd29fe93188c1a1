import { writeFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ModelEstimate } from '../../../agents/spreadsheet/analysis-estimate.ts'
import { estimate } from '../../../agents/spreadsheet/estimate.command.ts'
import { isUsageError } from '../../../runtime/cli/usage-error.ts'
import { runCommand } from '../../runtime/cli/command-run.ts'
import { troupe } from '../../runtime/cli/troupe-command.ts'
import { createAuditor } from './auditor-server.ts'
import { manySheets } from './many-sheets.ts'

let folder: string
let book: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'troupe-estimate-'))
  book = join(folder, 'book.xlsx')
  writeFileSync(book, manySheets(3))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function estimated(...words: readonly string[]): Promise<readonly ModelEstimate[]> {
  const { out } = await runCommand(estimate, book, ...words, '--json')
  return (JSON.parse(out) as { models: ModelEstimate[] }).models
}

describe('troupe estimate', () => {
  it('says what each step would use and cost with each model, without a key', async () => {
    vi.stubEnv('OPENAI_API_KEY', '')
    const models = await estimated('--model', 'openai/gpt-5-mini,openai/gpt-5')
    vi.unstubAllEnvs()
    expect(models.map(({ model }) => model)).toEqual(['openai/gpt-5-mini', 'openai/gpt-5'])
    for (const { steps } of models) {
      expect(steps.map(({ step, calls }) => [step, calls])).toEqual([
        ['sheet_analysis', 3],
        ['relationship_analysis', 0],
        ['synthesis', 1],
        ['total', 4],
      ])
      const [total, ...parts] = steps.toReversed()
      for (const field of ['calls', 'inputTokens', 'outputTokens'] as const) {
        expect(total?.[field]).toBe(parts.reduce((sum, step) => sum + step[field], 0))
      }
      const nano = parts.reduce((sum, { costUsd }) => sum + Math.round((costUsd ?? 0) * 1e9), 0)
      expect(Math.round((total?.costUsd ?? 0) * 1e9)).toBe(nano)
    }
    const [small, large] = models.map(({ steps }) => steps.at(-1)?.costUsd ?? 0)
    expect(large).toBeGreaterThan(small ?? 0)
  })

  it('is never below what a run then uses', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-test')
    const server = await createAuditor()
    const words = ['analyze', book, '--model', 'openai/gpt-5-mini', '--base-url', server.baseURL, '--json']
    const { out } = await troupe(...words)
    await server.stop()
    vi.unstubAllEnvs()
    const { usage } = JSON.parse(out) as {
      usage: { calls: number; inputTokens: number; outputTokens: number; costUsd: number }
    }
    const total = (await estimated('--model', 'openai/gpt-5-mini'))[0]?.steps.at(-1)
    expect(usage.calls).toBe(total?.calls)
    expect(usage.inputTokens).toBeLessThanOrEqual(total?.inputTokens ?? 0)
    expect(usage.outputTokens).toBeLessThanOrEqual(total?.outputTokens ?? 0)
    expect(usage.costUsd).toBeLessThanOrEqual(total?.costUsd ?? 0)
  })

  it('has no cost where the price is unknown, and nothing to pay on this machine', async () => {
    expect((await estimated('--model', 'openai/no-such-model'))[0]?.steps.at(-1)?.costUsd).toBeNull()
    expect((await estimated('--model', 'ollama/any'))[0]?.steps.at(-1)?.costUsd).toBe(0)
    expect(
      (await estimated('--model', 'openai/no-such-model', '--price', '1,2'))[0]?.steps.at(-1)?.costUsd,
    ).toBeGreaterThan(0)
    expect((await estimated())[0]).toMatchObject({ model: null, steps: [{ costUsd: null }, {}, {}, {}] })
  })

  it('charges a price that is given, also on this machine', async () => {
    const words = ['--model', 'lab/any', '--base-url', 'http://127.0.0.1:1/v1']
    expect((await estimated(...words))[0]?.steps.at(-1)?.costUsd).toBe(0)
    expect((await estimated(...words, '--price', '1,2'))[0]?.steps.at(-1)?.costUsd).toBeGreaterThan(0)
  })

  it('says which calls would not fit into the budget, as a run then finds', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-test')
    const server = await createAuditor()
    const run = ['analyze', book, '--model', 'openai/gpt-5-mini', '--base-url', server.baseURL, '--json']
    const found: { readonly tight: number; readonly leftOut: number; readonly made: number }[] = []
    for (const budget of ['500', '3000', '100000']) {
      const tight = (await estimated('--model', 'openai/gpt-5-mini', '--budget', budget))[0]?.tight ?? []
      const before = server.requests.length
      await troupe(...run, '--budget', budget)
      const leftOut = tight.filter(({ outcome }) => outcome === 'left_out').length
      found.push({ tight: tight.length, leftOut, made: server.requests.length - before })
    }
    expect(found[0]).toEqual({ tight: 4, leftOut: 4, made: 0 })
    // What one call leaves is of use to the next: a run is never worse off than its estimate.
    expect(found[1]?.made).toBeGreaterThanOrEqual(4 - (found[1]?.leftOut ?? 0))
    expect(found[2]).toEqual({ tight: 0, leftOut: 0, made: 4 })
    await server.stop()
    vi.unstubAllEnvs()
    const { out } = await runCommand(estimate, book, '--budget', '500')
    expect(out).toMatch(
      /Of a budget of 500 tokens these calls would not be made; .*\n\n- Sheet 1: needs [\d,]+ at least, has \d+/,
    )
    expect((await runCommand(estimate, book)).out).not.toContain('would not be made')
  })

  it('prints a table for people', async () => {
    const { code, out, notes } = await runCommand(estimate, book)
    expect(code).toBe(0)
    expect(out).toMatch(/\| any +\| total +\| +4 \|/)
    expect(notes).toContain('--model')
  })

  it('says why there is nothing to estimate', async () => {
    const path = join(folder, 'empty.xlsx')
    writeFileSync(path, '')
    expect((await runCommand(estimate, path)).code).toBe(3)
    const gone = await runCommand(estimate, join(folder, 'gone.xlsx'))
    expect(isUsageError(gone.error)).toBe(true)
    const unknown = await runCommand(estimate, book, '--model', 'nobody/x')
    expect([unknown.error?.message, isUsageError(unknown.error)]).toEqual(["there is no provider 'nobody'", true])
  })
})
