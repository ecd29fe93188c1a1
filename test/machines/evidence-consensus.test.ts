import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundEvidence } from '../../machines/evidence-bounds.ts'
import { evidenceConsensus } from '../../machines/evidence-consensus.ts'
import { bytesOf } from '../../machines/evidence-data.ts'
import { ANY_FIELD, type EvidenceField } from '../../machines/evidence-field.ts'
import type { EvidenceBundle } from '../../machines/evidence.contract.ts'
import { NO_USAGE } from '../../machines/model-usage.ts'

const options = { tolerance: 0.2, fields: 100 }
const consensusOf = (answers: readonly unknown[], field: EvidenceField = ANY_FIELD, more = options) =>
  evidenceConsensus(
    field,
    answers.map((data, index) => ({ id: `r${index + 1}`, data })),
    more,
  )

describe('a consensus', () => {
  it('of answers that are the same is that answer, and there is nothing to disagree on', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.integer({ min: 2, max: 5 }), (data, count) => {
        const found = consensusOf(
          Array.from({ length: count }, () => structuredClone(data)),
          ANY_FIELD,
          {
            ...options,
            fields: 10_000,
          },
        )
        expect(found.value).toEqual(data)
        expect(found.disagreements).toEqual([])
      }),
    )
  })

  it('does not depend on the order of the answers, as far as it goes by what is the same', () => {
    const answer = fc.record({
      a: fc.constantFrom(1, 2),
      b: fc.constantFrom(true, false, null),
      c: fc.constantFrom([1], [2]),
    })
    fc.assert(
      fc.property(fc.array(answer, { minLength: 2, maxLength: 5 }), (answers) => {
        expect(consensusOf([...answers].reverse()).value).toEqual(consensusOf(answers).value)
      }),
    )
  })

  it('has nothing in it that not more than half of the answers say', () => {
    const answer = fc.record({ a: fc.integer({ min: 0, max: 2 }), b: fc.boolean() })
    fc.assert(
      fc.property(fc.array(answer, { minLength: 2, maxLength: 6 }), (answers) => {
        const value = consensusOf(answers).value as { a?: number; b?: boolean } | null
        for (const name of ['a', 'b'] as const) {
          const counts = new Map<unknown, number>()
          for (const each of answers) counts.set(each[name], (counts.get(each[name]) ?? 0) + 1)
          const most = [...counts].find(([, count]) => count * 2 > answers.length && count >= 2)
          expect(value?.[name]).toBe(most?.[0])
        }
      }),
    )
  })

  it('leaves out the fields on which two of two differ, and lists them', () => {
    const { value, disagreements } = consensusOf([
      { a: 1, b: 2, c: { d: 1 } },
      { a: 1, b: 3, c: { d: 2 } },
    ])
    expect(value).toEqual({ a: 1 })
    expect(disagreements.map(({ field }) => field)).toEqual(['b', 'c.d'])
    expect(disagreements[0]?.values).toEqual([
      { value: 2, replicates: ['r1'] },
      { value: 3, replicates: ['r2'] },
    ])
  })

  it('takes of texts that say nearly the same the one in the middle, and of others none', () => {
    const near = ['the invoice is due on friday', 'the invoice is due on friday!', 'the invoice was due on friday!']
    expect(consensusOf(near).value).toBe(near[1])
    expect(consensusOf(['yes', 'no', 'perhaps']).value).toBeNull()
  })

  it('takes numbers for the same that differ as arithmetic does, or by what is declared', () => {
    expect(consensusOf([0.3, 0.1 + 0.2]).value).toBe(0.3)
    expect(consensusOf([100, 101]).value).toBeNull()
    expect(consensusOf([100, 101], { kind: 'number', weight: 1, tolerance: 0.02 }).value).toBe(100)
  })

  it('has a field only where most have it', () => {
    const { value, disagreements } = consensusOf([{ a: 1, b: 2 }, { a: 1 }, { a: 1 }])
    expect(value).toEqual({ a: 1 })
    expect(disagreements).toEqual([
      {
        field: 'b',
        values: [
          { value: 2, replicates: ['r1'] },
          { value: null, replicates: ['r2', 'r3'] },
        ],
      },
    ])
  })

  it('of nothing, of one, and of empty objects', () => {
    expect(consensusOf([]).value).toBeNull()
    expect(consensusOf([{ a: 1 }]).value).toBeNull()
    expect(consensusOf([{}, {}]).value).toEqual({})
  })

  it('keeps fields apart from what objects have by themselves', () => {
    const hostile = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as object
    const { value } = consensusOf([hostile, hostile])
    expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":true},"constructor":1}')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('tells mean and standard deviation of a sample for every number', () => {
    const { distributions } = consensusOf([{ a: 2, b: 1e308 }, { a: 4, b: -1e308 }, { a: 9 }])
    expect(distributions[0]).toEqual({
      field: 'a',
      count: 3,
      mean: 5,
      stdev: expect.closeTo(3.6056, 4) as number,
      min: 2,
      max: 9,
    })
    expect(
      Object.values(distributions[1] ?? {})
        .slice(1)
        .every(Number.isFinite),
    ).toBe(true)
  })

  it('looks at so many fields, and counts the others', () => {
    const wide = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`f${index}`, index]))
    const { value, unseen } = consensusOf([wide, wide], ANY_FIELD, { ...options, fields: 4 })
    expect([Object.keys(value as object), unseen]).toEqual([['f0', 'f1', 'f2', 'f3'], 6])
  })
})

describe('a bundle that would be too large', () => {
  const long = (length: number) => 'ä'.repeat(length)
  const replicate = (id: string, data: unknown) => ({
    ...{ id, status: 'valid', data, valid: true, errors: [], usage: NO_USAGE, costUsd: 0, elapsedMs: 1 },
    ...{ model: null, truncated: false },
  })
  const bundle = {
    status: 'succeeded',
    replicates: [replicate('r1', long(100)), replicate('r2', long(2_000)), replicate('r3', long(50))],
    summary: {
      consensus: 'c',
      disagreements: Array.from({ length: 5 }, (_, index) => ({ field: `f${index}`, values: [] })),
    },
  } as unknown as EvidenceBundle

  it('says nothing of it when it is not', () => {
    expect(boundEvidence(bundle, { fields: 10, diffs: 5, bytes: 10_000 }, 0)).toEqual({ ...bundle, truncated: null })
  })

  it('lists so many disagreements, and leaves the largest data out first', () => {
    const cut = boundEvidence(bundle, { fields: 10, diffs: 2, bytes: 3_000 }, 7)
    expect(cut.truncated).toEqual({ fields: 7, diffs: 3, bytes: 4_002 })
    expect(cut.replicates.map(({ truncated }) => truncated)).toEqual([false, true, false])
    expect(cut.summary.disagreements).toHaveLength(2)
    expect(bytesOf(cut)).toBeLessThan(3_100)
  })

  it('counts bytes as they go over a wire', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (data, text) => {
        const value = [data, text]
        expect(bytesOf(value)).toBe(Buffer.byteLength(JSON.stringify(value)))
      }),
    )
  })
})
