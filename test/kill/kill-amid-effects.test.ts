import { describe, expect, it } from 'vitest'
import type { ErrandDone, Errands } from '../support/kill/errand-actor.ts'
import { killMatrix } from '../support/kill/kill-matrix.ts'

describe('who comes after a process that died when the first of two effects had left', () => {
  const matrix = killMatrix((round) => ({ death: { point: 'effect-left', nth: 1 + ((round * 7) % 23), from: 'work' } }))

  it('has what that effect told of, and the other effect never left', () => {
    for (const { lines, found } of matrix.killed) {
      const [heard, dying] = lines.slice(-2)
      expect(dying).toMatchObject({ kind: 'dying', point: 'effect-left' })
      const place = heard?.kind === 'heard' ? heard.place : -1
      expect(found?.written[place]).toMatch(/^\d+w:\d+$/)
      expect(lines.filter((line) => line.kind === 'answered' && line.place === place)).toEqual([])
    }
  })
})

describe('who comes after a process that died when the first of two tasks had been started', () => {
  const matrix = killMatrix((round) => ({
    death: { point: 'task-started', nth: 1 + 2 * ((round * 4) % 11), from: 'work' },
  }))

  it('repeats the one that may be, and interrupts the other', () => {
    for (const { lines, left, done, found } of matrix.killed) {
      expect(lines.at(-1)).toMatchObject({ kind: 'dying', point: 'task-started' })
      const errands = left.find(({ address }) => address === 'local/errand/main')
      const id = (errands?.snapshot.context as Errands | undefined)?.run.at(-1) ?? ''
      expect(errands?.tasks.map((task) => task.id)).toEqual(expect.arrayContaining([`once ${id}`, `often ${id}`]))
      expect(done.filter((errand) => errand.id === id)).toEqual([])
      expect(found?.errands.outcomes).toEqual(expect.arrayContaining([`once ${id} INTERRUPTED`, `often ${id} done`]))
      expect(found?.done.filter((errand) => errand.id === id).map(({ src }) => src)).toEqual(['often'])
    }
  })
})

describe('who comes after a process that died when a task had done its work, and nobody knew', () => {
  const matrix = killMatrix((round) => ({
    death: { point: 'task-worked', nth: 1 + ((round * 7) % 22), from: 'work' },
  }))

  it('has it done again with the same key, or hears that it was interrupted and leaves it', () => {
    const seen = new Set<string>()
    for (const { lines, done, found } of matrix.killed) {
      expect(lines.at(-1)).toMatchObject({ kind: 'dying', point: 'task-worked' })
      const last = done.at(-1) as ErrandDone
      const name = `${last.src} ${last.id}`
      seen.add(last.src)
      const outcome = last.src === 'often' ? 'done' : 'INTERRUPTED'
      expect(found?.errands.outcomes).toContain(`${name} ${outcome}`)
      const times = found?.done.filter(({ src, id }) => `${src} ${id}` === name)
      expect(times).toEqual(last.src === 'often' ? [last, last] : [last])
    }
    expect(seen.size).toBe(2)
  })
})
