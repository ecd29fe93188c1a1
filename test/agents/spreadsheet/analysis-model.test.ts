import { describe, expect, it } from 'vitest'
import { defineModels, type Models, type ModelsOptions } from '../../../actors/define-models.ts'
import { openai } from '../../../actors/models/openai.ts'
import { scripted } from '../../../actors/models/scripted.ts'
import { priceBook } from '../../../actors/price-book.ts'
import {
  type AnalysisOptions,
  analysisActors,
  analysisResult,
  defineWorkbookAnalysis,
} from '../../../agents/spreadsheet/pack.ts'
import type { AnalysisResult } from '../../../agents/spreadsheet/report/analysis-result.ts'
import { createRuntime } from '../../../runtime/index.ts'
import { openFaultServer } from '../../support/models/open-fault-server.ts'
import { type AuditQuestion, auditorAnswer } from './auditor-server.ts'
import { unresolvedNumbers } from './number-checker.ts'

const PRICE = { inputPerMillionUsd: 1, outputPerMillionUsd: 2 }

/** An auditor without a network. Throwing fails the call. */
function auditor(
  answer: (question: AuditQuestion) => unknown = auditorAnswer,
  more: Partial<ModelsOptions> = {},
): Models {
  const provider = scripted({
    name: 'a',
    free: false,
    answers: ({ request }) => {
      const content = request.messages[0]?.content ?? ''
      const part = typeof content === 'string' ? undefined : content.find(({ type }) => type === 'data')
      const data = part?.type === 'data' ? part.text : ''
      const instructions = request.instructions ?? ''
      const task = instructions.includes('feed each other')
        ? 'edges'
        : instructions.includes('executive')
          ? 'summary'
          : 'study'
      return { json: answer({ task, data, instructions }) }
    },
  })
  const prices = priceBook({ 'a/small': PRICE, 'a/large': PRICE })
  return defineModels({ providers: [provider], models: [{ id: 'a/small', tier: 'small' }], prices, ...more })
}

async function run(options: AnalysisOptions, cancelAt?: string): Promise<AnalysisResult> {
  const { analysis, actors } = analysisActors(options)
  const runtime = await createRuntime({ actors })
  try {
    const ref = await runtime.spawn(analysis, { key: 'r', input: { source: { kind: 'sample' } } })
    ref.on('step.started', ({ step }) => void (step === cancelAt && ref.send({ type: 'workflow.cancel' })))
    return analysisResult(await ref.result(), { runId: 'r', title: null })
  } finally {
    await runtime.stop()
  }
}

function sheetName({ data }: AuditQuestion): string {
  return (JSON.parse(data) as { facts: { name: string } }).facts.name
}

describe('an analysis with models', () => {
  it('comes to a report whose numbers resolve, with all that was spent', async () => {
    const result = await run({ models: auditor() })
    expect(result.status).toBe('completed')
    expect(unresolvedNumbers(result)).toEqual([])
    expect(result.usage.calls).toBe(8)
    const { inputTokens, outputTokens, costUsd } = result.usage
    expect(Math.round(costUsd * 1e9)).toBe(inputTokens * 1_000 + outputTokens * 2_000)
  })

  it('gives what a sheet leaves to those that come after it', async () => {
    // Its share is too little for a sheet; what six leave is enough for some.
    const budget = { tokens: 5_000 }
    const together = await run({ models: auditor(), budget })
    const inTurn = await run({ models: auditor(), budget, concurrency: 1 })
    const studied = ({ workbook }: AnalysisResult) => workbook.sheets.filter(({ model }) => model !== null).length
    expect([studied(together), studied(inTurn) > 0]).toEqual([0, true])
    expect(inTurn.usage.inputTokens + inTurn.usage.outputTokens).toBeLessThanOrEqual(5_000)
  })

  it('asks again about no sheet that stalls for longer than its deadline, and closes its socket', async () => {
    const server = await openFaultServer({ answers: () => ({ text: ['{', '}'], stallAfter: 1 }) })
    const models = defineModels({
      providers: [openai({ apiKey: 'key', baseURL: server.baseURL })],
      models: [{ id: 'openai/m' }],
      prices: priceBook({ 'openai/m': PRICE }),
      retry: { attempts: 1 },
      deadlines: { gap: 50 },
    })
    const result = await run({ models })
    expect(result.status).toBe('degraded')
    expect(result.workbook.sheets.every(({ status, reason }) => status === 'degraded' && reason !== null)).toBe(true)
    expect(result.report).toContain('This report was written without a model.')
    expect(result.findings.length).toBeGreaterThan(5)
    expect(await Promise.all(server.requests.map(({ ended }) => ended))).toEqual(server.requests.map(() => true))
    // What was asked before it stalled is paid, and told.
    expect(result.usage.calls).toBe(server.requests.length)
    expect(result.usage.costUsd).toBeGreaterThan(0)
  })

  it('stops asking a provider that fails every time', async () => {
    const server = await openFaultServer({ answers: () => ({ status: 500 }) })
    const models = defineModels({
      providers: [openai({ apiKey: 'key', baseURL: server.baseURL })],
      models: [{ id: 'openai/m' }],
      prices: priceBook({ 'openai/m': PRICE }),
      retry: { attempts: 1 },
    })
    const result = await run({ models, concurrency: 1 })
    expect(result.status).toBe('degraded')
    expect(server.requests).toHaveLength(5)
    expect(result.steps.find(({ name }) => name === 'synthesis')?.reason).toMatch(/breaker|open/)
  })

  it('keeps what is finished when it is cancelled', async () => {
    const result = await run({ models: auditor() }, 'relationship_analysis')
    expect(result.steps.find(({ name }) => name === 'sheet_analysis')?.status).toBe('completed')
    expect(result.usage.calls).toBeGreaterThanOrEqual(6)
    expect(result.workbook.sheets[0]?.model).toBe('a/small')
  })

  it('leaves a sheet to the rules whose model answers nonsense, and shows which', async () => {
    const models = auditor((question) => {
      if (question.task !== 'study' || sheetName(question) !== 'Sales') return auditorAnswer(question)
      return { summary: 7 }
    })
    const result = await run({ models })
    const sales = result.workbook.sheets.find(({ name }) => name === 'Sales')
    expect(sales).toMatchObject({ status: 'degraded', model: null })
    expect(sales?.reason).toContain('the answer is not what was asked for')
    // The answer and its repair are paid all the same.
    expect(sales?.tokens).toBeGreaterThan(0)
    expect(result.report).toContain('Written by rule')
  })

  it('says so where a sheet has no models in its process, and goes on', async () => {
    const analysis = defineWorkbookAnalysis({ models: auditor(), agent: analysisActors().actors[1] as never })
    const runtime = await createRuntime({ actors: [analysis, analysisActors().actors[1] as never] })
    const ref = await runtime.spawn(analysis, { key: 'r', input: { source: { kind: 'sample' } } })
    const result = analysisResult(await ref.result(), { runId: 'r', title: null })
    await runtime.stop()
    expect(result.workbook.sheets[0]?.reason).toBe('this process has no models')
    expect(result.summary.length).toBeGreaterThan(0)
  })

  it('refuses models that are not durable for a durable run', () => {
    expect(() => defineWorkbookAnalysis({ models: auditor(), durability: 'durable' })).toThrow(
      /has models that are not/,
    )
  })
})
