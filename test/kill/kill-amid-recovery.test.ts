import { describe } from 'vitest'
import { killMatrix } from '../support/kill/kill-matrix.ts'

describe('who comes after processes that died while they took up what the ones before had left', () => {
  killMatrix((round) => {
    const point = round % 4 < 2 ? 'before-append' : 'after-append'
    // One dies with much under way, and the next over that.
    return round % 2 === 0
      ? { death: { point, nth: 12 + (round % 7), from: 'work' } }
      : { death: { point, nth: 1 + ((round >> 1) % 6), from: 'start' } }
  })
})
