import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { killMatrix } from '../support/kill/kill-matrix.ts'

describe('who comes after a process that died before a commit', () => {
  const matrix = killMatrix((round) => ({
    death: { point: 'before-append', nth: 1 + ((round * 7) % 23), from: 'work' },
  }))

  it('finds nothing of that commit', () => {
    for (const { lines, left } of matrix.killed) {
      const last = lines.at(-1)
      expect(last).toMatchObject({ kind: 'dying', point: 'before-append' })
      const batch = last?.kind === 'dying' ? last.batch : []
      expect(batch.length).toBeGreaterThan(0)
      const written = batch.filter((record) => left.some((other) => isDeepStrictEqual(other, record)))
      // One that was touched and not changed is as it was.
      expect(written.length).toBeLessThan(batch.length)
    }
  })
})
