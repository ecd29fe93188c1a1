import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EMPTY_MEMORY, forget, memorise, recall } from '../../machines/budget-memory.ts'
import {
  type BudgetShelf,
  EMPTY_SHELF,
  putOnShelf,
  readShelf,
  shelfEntries,
  takeOffShelf,
} from '../../machines/budget-shelf.ts'

const key = fc.oneof(fc.nat(200).map(String), fc.constantFrom('__proto__', 'constructor', '', 'fork'), fc.string())

describe('a shelf', () => {
  it('holds what a map would, as JSON, whatever is put on it and taken off', () => {
    const move = fc.oneof(fc.tuple(key, fc.nat()), fc.tuple(key, fc.constant(null)))
    fc.assert(
      fc.property(fc.array(move, { size: '+2' }), (moves) => {
        const map = new Map<string, number>()
        let shelf: BudgetShelf<number> = EMPTY_SHELF
        for (const [name, value] of moves) {
          shelf = value === null ? takeOffShelf(shelf, name) : putOnShelf(shelf, name, value)
          if (value === null) map.delete(name)
          else map.set(name, value)
        }
        shelf = JSON.parse(JSON.stringify(shelf)) as BudgetShelf<number>
        expect(new Map(shelfEntries(shelf))).toEqual(map)
        for (const [name] of moves) expect(readShelf(shelf, name)).toBe(map.get(name))
      }),
    )
  })

  it('never changes the one it was made of', () => {
    const names = Array.from({ length: 500 }, (_, at) => `call-${at}`)
    const full = names.reduce<BudgetShelf<number>>((shelf, name, at) => putOnShelf(shelf, name, at), EMPTY_SHELF)
    const before = JSON.stringify(full)
    putOnShelf(full, 'call-7', -1)
    for (const name of names) takeOffShelf(full, name)
    expect(JSON.stringify(full)).toBe(before)
    expect(names.reduce(takeOffShelf<number>, full)).toEqual(EMPTY_SHELF)
  })
})

describe('a memory', () => {
  it('remembers at least the last entries, and at most twice as many', () => {
    let memory: Parameters<typeof recall<number>>[0] = EMPTY_MEMORY
    for (let at = 0; at < 1_000; at++) {
      memory = memorise(memory, `${at}`, at, 10)
      for (let back = 0; back < 10; back++)
        expect(recall(memory, `${at - back}`)).toBe(at < back ? undefined : at - back)
      expect(recall(memory, `${at - 20}`)).toBe(undefined)
    }
    expect(recall(forget(memory, '999'), '999')).toBe(undefined)
  })
})
