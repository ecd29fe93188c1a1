import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FaultAnswer } from '../../../actors/models/fault-answer.ts'
import type { FaultRequest } from '../../../actors/models/fault-request.ts'
import type { FaultServer } from '../../../actors/models/fault-server.ts'
import { type AnalysisResult, analysisResultSchema } from '../../../agents/spreadsheet/report/analysis-result.ts'
import { troupe } from '../../runtime/cli/troupe-command.ts'
import { createAuditor, questionIn } from './auditor-server.ts'

const SECRET = 'sk-test-0123456789abcdef'
const MODEL = 'openai/gpt-5-mini'

let server: FaultServer | null = null

beforeEach(() => void vi.stubEnv('OPENAI_API_KEY', SECRET))
afterEach(async () => {
  vi.unstubAllEnvs()
  await server?.stop()
  server = null
})

async function serve(answer: (request: FaultRequest) => FaultAnswer | null): Promise<FaultServer> {
  return (server = await createAuditor(answer))
}

/** Analyses with a model on the server. */
async function analyze(
  ...words: readonly string[]
): Promise<{ code: number | null; err: string; result: AnalysisResult }> {
  const at = server?.baseURL ?? ''
  const { code, out, err } = await troupe('analyze', '--model', MODEL, '--base-url', at, '--json', ...words)
  return { code, err, result: analysisResultSchema.parse(JSON.parse(out)) }
}

describe('troupe analyze --model, where models are of no help', () => {
  it('prints as checked only what was checked, and all that the model made of it as unchecked', async () => {
    const audited = 'The figures were audited by Ernst and Young and no fraud was found.'
    const later: string[] = []
    await serve((request) => {
      const { task, data } = questionIn(request)
      if (task !== 'study') {
        later.push(data)
        return { text: JSON.stringify({ purposes: [], sentences: [{ text: audited, sources: ['w1'] }] }) }
      }
      const { totals } = JSON.parse(data) as { totals: { cell: string; value: number }[] }
      const claims = totals.slice(0, 1).map(({ cell, value }) => ({ kind: 'value', cell, value, text: audited }))
      return { text: JSON.stringify({ summary: audited, claims }) }
    })
    const { code, result } = await analyze()
    expect([code, result.claims.length > 0]).toEqual([0, true])
    expect([later.length, later.filter((data) => data.includes('audited'))]).toEqual([2, []])
    const parts = result.report.split('\n\n').filter((part) => part.includes('audited'))
    expect(parts.length).toBeGreaterThan(5)
    for (const part of parts) expect(part).toMatch(/^The model says, unchecked beyond its numbers: /)
    const checked = [...result.report.matchAll(/Checked against the cells:\n\n((?:- .*\n)+)/g)].map(([, list]) => list)
    const [claim] = result.claims
    expect(checked).toHaveLength(result.claims.length)
    expect(checked[0]).toBe(
      `- ${claim && 'cell' in claim ? claim.cell : ''} holds ${claim && 'value' in claim ? claim.value : ''}.\n`,
    )
    expect(result.report.split('## Limits')[1]).toContain('nothing else that it says is checked')
  })

  it.each([
    [401, 'OPENAI_API_KEY'],
    [403, 'may not do this'],
    [404, 'check the name of the model'],
  ])('asks no more once a call was refused with %i, says so first, ends with exit code 4', async (status, hint) => {
    await serve(() => ({ status, error: { message: `No: ${SECRET}` } }))
    const { code, err, result } = await analyze('--concurrency', '1')
    expect([code, result.status, result.modelAnswered]).toEqual([4, 'degraded', false])
    expect(server?.requests.length).toBe(1)
    expect(result.reason).toMatch(/^no model answered: .*No: /)
    expect(result.reason).toContain(hint)
    expect(result.report.split('\n\n')[1]?.replaceAll('\\', '')).toContain(hint)
    expect(result.report).toContain('This report was written without a model.')
    expect(result.findings.length).toBeGreaterThan(5)
    expect(err.split('\n').filter((line) => line.startsWith('degraded:'))).toHaveLength(1)
    expect(JSON.stringify(result) + err).not.toContain(SECRET)
  })

  it('asks none of the later steps after agents at work at once were refused', async () => {
    await serve(() => ({ status: 401, error: { message: 'Incorrect API key provided' } }))
    const { code } = await analyze()
    expect([code, server?.requests.length]).toEqual([4, 6])
  })

  it('charges the price that is given for a server on this machine, and holds it to --max-cost', async () => {
    await serve((request) => (questionIn(request).data === '' ? { text: '{"ready": true}' } : null))
    const words = ['analyze', '--model', 'lab/any', '--base-url', server?.baseURL ?? '', '--price', '10,40', '--json']
    const { code, out } = await troupe(...words, '--max-cost', '0.1')
    const { usage, overBudget, workbook } = JSON.parse(out) as AnalysisResult
    expect([code, overBudget]).toEqual([5, true])
    expect(usage.costUsd).toBeGreaterThan(0)
    expect(usage.costUsd).toBeLessThanOrEqual(0.1)
    expect(workbook.sheets.filter(({ model }) => model === null).length).toBeGreaterThan(0)
  })

  it('tells in a line, not a flood, that calls are made again and why', async () => {
    let refusals = 0
    await serve(() => (refusals++ < 6 ? { status: 429, retryAfter: 5 } : null))
    const { code, err } = await analyze()
    expect(code).toBe(0)
    const lines = err.split('\n').filter((line) => line.startsWith('models:'))
    expect(lines[0]).toMatch(/^models: \d calls are asked again \(openai\/gpt-5-mini: rate limit\)/)
    expect(lines.length).toBeLessThanOrEqual(4)
  }, 30_000)

  it('goes on asking where only one sheet fails', async () => {
    await serve((request) => (questionIn(request).data.includes('"name":"Costs"') ? { refusal: 'No.' } : null))
    const { code, result } = await analyze()
    expect([code, result.status, result.modelAnswered]).toEqual([0, 'degraded', true])
  })

  it('says who answered, what was paid and why nothing of it is used', async () => {
    await serve(() => ({ text: 'It is all fine, trust me.', usage: { input: 1_000, output: 10 } }))
    const { code, result } = await analyze()
    expect([code, result.modelAnswered]).toEqual([4, false])
    expect(result.unused).toHaveLength(8)
    for (const { models, tokens, costUsd, reason } of result.unused) {
      expect(models).toEqual([MODEL])
      expect(tokens).toBe(2_020)
      expect(costUsd).toBeGreaterThan(0)
      expect(reason).toMatch(/answer/)
    }
    expect(result.unused.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(
      result.usage.inputTokens + result.usage.outputTokens,
    )
    const table = result.report.split('Answers that were paid and could not be used:')[1] ?? ''
    expect(table).toMatch(/\| Sales +\| openai\/gpt-5-mini +\| +2,020 \|/)
    expect(result.report).not.toContain('none answered')
  })
})
