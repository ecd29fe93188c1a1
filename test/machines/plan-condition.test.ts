import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PlanOperator, planTest } from '../../machines/plan-condition.ts'

const facts = {
  kind: 'invoice',
  total: 120.5,
  paid: false,
  note: null,
  empty: undefined,
  tags: ['urgent', { name: 'vat' }],
  sheet: { rows: 20_000, names: ['A', 'B'] },
  due: '2026-11-21',
}

const holds = (path: string, operator: PlanOperator, value?: unknown) =>
  planTest({ path, operator, value }, 'rule.when.0')(facts)

describe('a condition of a plan', () => {
  it.each([
    ['kind', 'equals', 'invoice', true],
    ['kind', 'equals', 'Invoice', false],
    ['paid', 'equals', false, true],
    ['note', 'equals', null, true],
    ['sheet', 'equals', { names: ['A', 'B'], rows: 20_000 }, true],
    ['sheet.names', 'equals', ['B', 'A'], false],
    ['kind', 'contains', 'voice', true],
    ['tags', 'contains', 'urgent', true],
    ['tags', 'contains', 'urg', false],
    ['tags', 'contains', { name: 'vat' }, true],
    ['total', 'contains', 1, false],
    ['kind', 'regex', '^inv', true],
    ['kind', 'regex', /^INV/i, true],
    ['total', 'regex', '12', false],
    ['total', 'gt', 120, true],
    ['total', 'gt', 120.5, false],
    ['total', 'lt', 121, true],
    ['kind', 'gt', 1, false],
    ['kind', 'gt', '2026-01-01', false],
    ['due', 'lt', '2027-01-01', true],
    ['tags.1.name', 'equals', 'vat', true],
    ['sheet.names.length', 'exists', undefined, true],
    ['sheet.rows', 'exists', false, false],
    ['note', 'exists', undefined, true],
  ] as const)('%s %s %j is %s', (path, operator, value, expected) => {
    expect(holds(path, operator, value)).toBe(expected)
  })

  it('is false for what is missing, but for the question whether it is', () => {
    for (const path of [
      'nowhere',
      'empty',
      'sheet.rows.deep',
      'kind.constructor',
      'constructor',
      '__proto__',
      'note.x',
    ]) {
      const values = { contains: '', regex: '', gt: -1, lt: 1e9 }
      for (const [operator, value] of Object.entries(values) as [PlanOperator, unknown][])
        expect([path, operator, holds(path, operator, value)]).toEqual([path, operator, false])
      expect(holds(path, 'equals', undefined)).toBe(false)
      expect(holds(path, 'exists')).toBe(false)
      expect(holds(path, 'exists', false)).toBe(true)
    }
  })

  it('never throws, whatever the facts are', () => {
    const tests = (['equals', 'contains', 'regex', 'gt', 'lt'] as const).map((operator) =>
      planTest({ path: 'a.b', operator, value: '2026-11-21' }, 'r'),
    )
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (value, inner) => {
        const answers = tests.flatMap((test) => [value, { a: value }, { a: { b: inner } }].map(test))
        expect(answers.every((answer) => typeof answer === 'boolean')).toBe(true)
      }),
    )
  })

  it('never throws, also where facts are circular', () => {
    const circle = (): object => {
      const made: { self?: object } = {}
      made.self = made
      return made
    }
    const one = circle()
    expect(planTest({ path: 'a', operator: 'equals', value: one }, 'r')({ a: circle() })).toBe(false)
    expect(planTest({ path: 'a', operator: 'contains', value: one }, 'r')({ a: [circle(), one] })).toBe(true)
  })

  it('is refused when it is made if it cannot be', () => {
    expect(() => holds('a', 'like' as 'equals')).toThrow("rule.when.0 has the operator 'like', which is not there")
    expect(() => holds('a', 'toString' as 'equals')).toThrow("the operator 'toString'")
    expect(() => holds('a', 'regex', '(')).toThrow('rule.when.0 has a pattern that cannot be')
    expect(() => holds('a', 'regex', 5)).toThrow('rule.when.0 has no pattern')
    expect(() => holds('a', 'gt', null)).toThrow('rule.when.0 compares with object')
    expect(() => holds('a', 'exists', 'yes')).toThrow('rule.when.0 asks for string')
    expect(() => holds('', 'exists')).toThrow('has no path')
  })

  it('refuses patterns that can take for ever, and lets those that cannot be', () => {
    for (const bad of ['(a+)+$', '(a*)*', '([a-z]+)*x', '((ab)+c)+', '(\\w+\\s?){2,}$', '(?:x+){10}'])
      expect(() => holds('kind', 'regex', bad)).toThrow('repeats what can be read in several ways')
    for (const bad of [
      '^(a|a)*$',
      '(?:a|aa)+$',
      '(a?){30}',
      '((a|A))*x',
      '(\\w|\\d)+$',
      '(|a)*',
      '(?<x>.|a)+',
      '(a?a)*$',
    ])
      expect(() => holds('kind', 'regex', bad)).toThrow('repeats what can be read in several ways')
    for (const good of [
      '^(ab)+$',
      'a+b+',
      '(foo|bar)?',
      '[+*]+',
      '\\(a+\\)+',
      '(a+)b',
      '(a+)?',
      '^inv-\\d{4,6}$',
      '(?:foo|bar)+',
      '(?:\\d{3}[.])+',
      'a(?=b|c)d*',
    ])
      expect(() => holds('kind', 'regex', good)).not.toThrow()
  })

  it('looks with a pattern at the beginning of a long text only', () => {
    const test = planTest({ path: 'text', operator: 'regex', value: 'x$' }, 'r')
    expect(test({ text: `${'a'.repeat(1_999)}xyz` })).toBe(true)
    expect(test({ text: `${'a'.repeat(2_000)}x` })).toBe(false)
  })

  it('gives the same answer each time, whatever the flags of the pattern', () => {
    const test = planTest({ path: 'kind', operator: 'regex', value: /inv/gy }, 'r')
    expect([test(facts), test(facts), test(facts)]).toEqual([true, true, true])
  })
})
