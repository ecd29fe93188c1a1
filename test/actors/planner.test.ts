import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { defineTool, type ToolScope } from '../../actors/define-tool.ts'
import { defineTools } from '../../actors/define-tools.ts'
import { runPlan } from '../../actors/plan-run.ts'
import { definePlanner, type PlannerOptions } from '../../actors/planner.ts'
import { createTools } from '../../actors/tools-client.ts'
import { TroupeError } from '../../runtime/index.ts'
import { openRuntime } from '../support/runtime/open-runtime.ts'

const tool = (id: string, more: object = {}) =>
  defineTool({
    id,
    version: '1.0.0',
    description: `Does ${id}.`,
    input: z.object({ rows: z.number().optional() }),
    output: z.unknown(),
    execute: (_, scope: ToolScope) => ({ by: id, options: scope.options }),
    ...more,
  })

const estimate = ({ rows = 1 }: { rows?: number }) => ({ costUsd: rows / 1_000, ms: rows })
const tools = defineTools([
  tool('count', { options: { depth: 1, lang: 'en' }, estimate }),
  tool('sample'),
  tool('guess'),
])
const rows = (operator: 'gt' | 'lt', value: number) => ({ path: 'rows', operator, value }) as const
const plannerOf = (options: Partial<PlannerOptions>) => definePlanner({ tools, rules: [], ...options })

describe('a planner', () => {
  it('takes the rule of the highest priority that matches, of equals the first', () => {
    const planner = plannerOf({
      rules: [
        { name: 'any', tool: 'guess' },
        { name: 'late', priority: 5, tool: 'guess', when: [rows('gt', 10)] },
        { name: 'first', priority: 10, tool: 'count', when: [rows('gt', 10), rows('lt', 100)] },
        { name: 'second', priority: 10, tool: 'sample', when: [rows('gt', 10)] },
      ],
    })
    const ruleFor = (count: number) => planner.plan({ facts: { rows: count } }).rule
    expect([5, 50, 500].map(ruleFor)).toEqual(['any', 'first', 'second'])
  })

  it('lays the options of the caller over those of the rule, and these over those of the tool', () => {
    const planner = plannerOf({
      rules: [
        {
          name: 'r',
          tool: 'count',
          options: { depth: 2, width: 2 },
          fallbacks: [{ tool: 'sample', options: { width: 3 } }],
        },
      ],
    })
    expect(planner.plan({ facts: { rows: 40 }, options: { width: 9, top: 1 } })).toEqual({
      tool: 'count',
      options: { depth: 2, lang: 'en', width: 9, top: 1 },
      fallbacks: [{ tool: 'sample', options: { depth: 2, width: 9, top: 1 } }],
      replicates: 3,
      estimate: { tokens: null, costUsd: 0.04, ms: 40 },
      confidence: 1,
      rule: 'r',
      reasons: ["r: 'count'"],
    })
  })

  it('avoids what is to be avoided: the fallbacks go first, then the next rule, then the default', () => {
    const planner = plannerOf({
      rules: [
        { name: 'r', priority: 1, tool: 'count', fallbacks: ['sample'] },
        { name: 's', tool: 'guess', confidence: 0.8 },
      ],
      default: { tool: 'count' },
    })
    const plan = (...avoid: string[]) => planner.plan({ facts: {}, avoid })
    expect(plan('count')).toMatchObject({ tool: 'sample', fallbacks: [], rule: 'r' })
    expect(plan('count')?.reasons).toEqual(["r: 'count' is to be avoided", "r: 'sample'"])
    expect(plan('sample')).toMatchObject({ tool: 'count', fallbacks: [], rule: 'r' })
    expect(plan('count', 'sample@1.0.0')).toMatchObject({ tool: 'guess', rule: 's', confidence: 0.8 })
    expect(() => plan('count', 'sample', 'guess')).toThrow('every tool that could be planned is to be avoided')
  })

  it('has a default with half the confidence, also where none is given', () => {
    const never = [{ name: 'r', tool: 'guess', when: [rows('gt', 10)] }]
    expect(plannerOf({ rules: never }).plan({ facts: {} })).toMatchObject({
      tool: 'count',
      rule: null,
      confidence: 0.5,
    })
    expect(plannerOf({ rules: never }).plan({ facts: {}, avoid: ['count'] })).toMatchObject({ tool: 'sample' })
    const planner = plannerOf({ default: { tool: 'sample', fallbacks: ['guess'] } })
    expect(planner.plan({ facts: {} })).toMatchObject({
      tool: 'sample',
      fallbacks: [{ tool: 'guess' }],
      confidence: 0.5,
    })
  })

  it('plans two replicates when little is left to spend', () => {
    const planner = plannerOf({ rules: [{ name: 'r', tool: 'count', replicates: 5 }] })
    const replicates = (budget: object) => planner.plan({ facts: {}, budget }).replicates
    expect(replicates({})).toBe(5)
    expect(replicates({ tokens: 1_000, costUsd: 0.05 })).toBe(5)
    expect(replicates({ tokens: 999 })).toBe(2)
    expect(replicates({ costUsd: 0.049 })).toBe(2)
  })

  it('is refused for what cannot be', () => {
    const rule = (more: object) => plannerOf({ rules: [{ name: 'r', tool: 'count', ...more }] })
    expect(() => definePlanner({ tools: defineTools([]), rules: [] })).toThrow('a planner has no tools')
    expect(() => rule({ tool: 'cont' })).toThrow("there is no tool 'cont'; tools: count, sample, guess")
    expect(() => rule({ fallbacks: ['nothing'] })).toThrow("there is no tool 'nothing'")
    expect(() => rule({ fallbacks: ['guess', 'guess', 'guess'] })).toThrow("'r' has 3 fallbacks")
    expect(() => rule({ when: [{ path: 'a', operator: 'like', value: 1 }] })).toThrow(
      "r.when.0 has the operator 'like'",
    )
    expect(() => rule({ confidence: 2 })).toThrow("the confidence of 'r' is 2")
    expect(() => rule({ replicates: 11 })).toThrow("'r' plans 11 replicates")
    expect(() =>
      plannerOf({
        rules: [
          { name: 'r', tool: 'count' },
          { name: 'r', tool: 'guess' },
        ],
      }),
    ).toThrow('two rules')
    expect(() => plannerOf({}).plan({ facts: 5 as never })).toThrow('what is to be planned does not meet its contract')
  })

  it('is refused for rules with what is not there, or is no rule', () => {
    const rule = (more: object) => () => plannerOf({ rules: [{ name: 'r', tool: 'count', ...more }] })
    const condition = { path: 'a', operator: 'equals', value: 1 }
    const cases: [() => unknown, string][] = [
      [rule({ whn: [] }), "rules.0 has no field 'whn'"],
      [rule({ when: condition }), 'r.when is an object'],
      [rule({ when: [{ pth: 'a', operator: 'equals' }] }), "r.when.0 has no field 'pth'"],
      [rule({ when: [5] }), 'r.when.0 is 5'],
      [rule({ when: [{ ...condition, operator: 'gt', value: 'x' }] }), "r.when.0 compares with 'x'"],
      [rule({ when: [{ ...condition, operator: 'lt', value: '10000' }] }), "r.when.0 compares with '10000'"],
      [rule({ tool: undefined }), 'r.tool names no tool'],
      [rule({ options: [1] }), 'r.options is a list'],
      [rule({ fallbacks: 'guess' }), "r.fallbacks is 'guess'"],
      [rule({ fallbacks: [{ tool: 'guess', option: {} }] }), "r.fallbacks.0 has no field 'option'"],
      [rule({ confidence: '0.5' }), "the confidence of 'r' is 0.5"],
      [() => plannerOf({ default: { tol: 'count' } as never }), "default has no field 'tol'"],
      [() => plannerOf({ rules: [null as never] }), 'rules.0 is null'],
      [() => definePlanner({ rules: [] } as never), 'a planner has no tools'],
      [() => definePlanner({ tools } as never), "the rules of 'planner' are no list"],
      [() => definePlanner({ tools, rules: {} } as never), "the rules of 'planner' are no list"],
    ]
    for (const [make, message] of cases) {
      expect(make).toThrow(expect.objectContaining({ code: 'INVALID_MESSAGE' }) as Error)
      expect(make).toThrow(message)
    }
  })

  it('refuses a request with what is not there, or less than nothing to spend', () => {
    const planner = plannerOf({})
    for (const more of [
      { fact: {} },
      { budget: { tokens: -1 } },
      { budget: { costUsd: -0.1 } },
      { budget: { usd: 1 } },
    ]) {
      const refused = expect.objectContaining({ code: 'INVALID_MESSAGE' }) as Error
      expect(() => planner.plan({ facts: {}, ...more } as never)).toThrow(refused)
    }
  })

  it('takes a list of tools as well as a set of them', () => {
    const planner = definePlanner({ tools: [tool('count'), tool('sample')], rules: [{ name: 'r', tool: 'sample' }] })
    expect(planner.plan({ facts: {} }).tool).toBe('sample')
  })

  it('answers as an actor what it answers as a function, and refuses with the same reasons', async () => {
    const planner = plannerOf({ rules: [{ name: 'r', tool: 'sample', when: [rows('gt', 1)] }] })
    const { runtime } = await openRuntime()
    const ref = await runtime.spawn(planner.actor, { key: 'p' })
    const heard = vi.fn()
    ref.on('planner.planned', heard)
    const request = { facts: { rows: 3 } }
    expect(await ref.ask({ type: 'planner.plan', ...request })).toEqual(planner.plan(request))
    expect(heard).toHaveBeenCalledWith(expect.objectContaining({ tool: 'sample', rule: 'r', confidence: 1 }))
    const avoid = ['count', 'sample', 'guess']
    await expect(ref.ask({ type: 'planner.plan', facts: {}, avoid })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })
})

describe('a plan that is carried out', () => {
  const fails = (code: 'UNAVAILABLE' | 'CONFLICT') => ({
    execute: () => {
      throw new TroupeError(code, 'not now')
    },
  })
  const set = defineTools([tool('down', fails('UNAVAILABLE')), tool('wrong', fails('CONFLICT')), tool('count')])
  const planFor = (first: string, ...fallbacks: string[]) =>
    definePlanner({ tools: set, rules: [{ name: 'r', tool: first, fallbacks, options: { depth: 2 } }] }).plan({
      facts: {},
    })

  it('gives what its tool gave, with the options of the plan', async () => {
    const { runtime } = await openRuntime()
    const result = await runPlan(createTools(runtime, set), planFor('count'), {})
    expect(result).toMatchObject({ status: 'succeeded', value: { by: 'count', options: { depth: 2 } } })
  })

  it('falls back after failures that may pass, says that it did, and shows every attempt', async () => {
    const { runtime } = await openRuntime()
    const client = createTools(runtime, set)
    const result = await runPlan(client, planFor('down', 'down', 'count'), {})
    expect(result).toMatchObject({ status: 'degraded', tool: 'count@1.0.0', plan: { tool: 'down', rule: 'r' } })
    expect(result.attempts.map(({ tool: name, category }) => [name, category])).toEqual([
      ['down@1.0.0', 'network'],
      ['down@1.0.0', 'network'],
      ['count@1.0.0', null],
    ])
    expect(await runPlan(client, planFor('wrong', 'count'), {})).toMatchObject({
      status: 'failed',
      error: { code: 'TOOL_FAILED', data: { category: 'conflict', retryable: false } },
      attempts: [{ tool: 'wrong@1.0.0' }],
    })
  })

  it('rejects for nothing: what was refused or cancelled stands in the result', async () => {
    const { runtime } = await openRuntime()
    const client = createTools(runtime, set)
    expect(await runPlan(client, planFor('count'), 'rows')).toMatchObject({
      status: 'failed',
      error: { code: 'INVALID_MESSAGE' },
    })
    const gone = AbortSignal.abort()
    expect(await runPlan(client, planFor('count'), {}, { signal: gone })).toMatchObject({ status: 'cancelled' })
  })
})
