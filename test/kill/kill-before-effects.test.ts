import { describe, expect, it } from 'vitest'
import { killMatrix } from '../support/kill/kill-matrix.ts'

describe('who comes after a process that acknowledged a message and died before the work it asked for began', () => {
  const matrix = killMatrix((round) => ({
    death: { point: 'acknowledged', nth: 1 + ((round * 3) % 11), from: 'work' },
  }))

  it('does that work if it may be repeated, and says that it was interrupted if not', () => {
    for (const { lines, done, found } of matrix.killed) {
      const [acknowledged, dying] = lines.slice(-2)
      expect(dying).toMatchObject({ kind: 'dying', point: 'acknowledged' })
      expect(acknowledged).toMatchObject({ kind: 'acknowledged', to: 'errand' })
      const id = acknowledged?.kind === 'acknowledged' ? acknowledged.id : ''
      expect(done.filter((errand) => errand.id === id)).toEqual([])
      expect(found?.errands.outcomes.filter((outcome) => outcome.includes(` ${id} `)).sort()).toEqual([
        `often ${id} done`,
        `once ${id} INTERRUPTED`,
      ])
      expect(found?.done.filter((errand) => errand.id === id).map(({ src }) => src)).toEqual(['often'])
    }
  })
})
