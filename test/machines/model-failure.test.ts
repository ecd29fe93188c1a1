import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FAILURE_RULES, type FailureCategory, failureCategory } from '../../machines/model-failure.ts'

const page = readFileSync(new URL('../../docs/models.md', import.meta.url), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => /^\| `[a-z_]+`/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))

describe('what a failure leads to', () => {
  it('is what the page on model calls says, for every category', () => {
    const told = new Map<string, object>()
    for (const [, names = '', retry = '', trips, fallback] of rows) {
      const rule = { retry: retry.startsWith('yes'), trips: trips === 'yes', fallback: fallback === 'yes' }
      for (const [, name = ''] of names.matchAll(/`([a-z_]+)`/g)) told.set(name, rule)
    }
    expect([...told.keys()].sort()).toEqual([...failureCategory.options].sort())
    for (const [name, rule] of told) {
      const { retry, trips, fallback } = FAILURE_RULES[name as FailureCategory]
      expect({ name, ...rule }).toEqual({ name, retry, trips, fallback })
    }
  })

  it('is never to count against who was called what is the caller’s own', () => {
    for (const own of ['rate_limit', 'validation', 'authentication', 'budget', 'cancelled', 'breaker_open'] as const)
      expect([own, FAILURE_RULES[own].trips]).toEqual([own, false])
  })
})
