import { describe, expect, it } from 'vitest'
import { killMatrix } from '../support/kill/kill-matrix.ts'

describe('who comes after a process that died after a commit, before it knew of it', () => {
  const matrix = killMatrix((round) => ({
    death: { point: 'after-append', nth: 1 + ((round * 7) % 23), from: 'work' },
  }))

  it('finds all of that commit, though nobody was told of it', () => {
    for (const { lines, left } of matrix.killed) {
      const last = lines.at(-1)
      expect(last).toMatchObject({ kind: 'dying', point: 'after-append' })
      const batch = last?.kind === 'dying' ? last.batch : []
      expect(batch.length).toBeGreaterThan(0)
      expect(left).toEqual(expect.arrayContaining([...batch]))
    }
  })
})
