import { describe, expect, it } from 'vitest'
import { stateText } from '../../../runtime/cli/actor-summary.ts'
import { textTable } from '../../../runtime/cli/text-table.ts'
import { lengthText, momentText } from '../../../runtime/cli/time-text.ts'

describe('what a list shows', () => {
  it('is aligned under its names, numbers to the right, and ends no line with blanks', () => {
    const text = textTable(
      ['NAME', 'BYTES', 'REASON'],
      [
        ['a', '7', ''],
        ['longer', '1234', 'it is long'],
      ],
    )
    expect(text).toBe(
      ['NAME    BYTES  REASON', 'a           7', 'longer   1234  it is long', ''].join('\n').replace(/ +\n/g, '\n'),
    )
  })

  it('steers no terminal, whatever a message says', () => {
    expect(textTable(['WHAT'], [['\u001B[2Jgone\nand \u202Eback']])).toBe('WHAT\n [2Jgone and  back\n')
  })

  it('names lengths by their two greatest units', () => {
    const lengths = [0, 999, 1_000, 61_000, 3_600_000, 93_784_000]
    expect(lengths.map(lengthText)).toEqual(['0ms', '999ms', '1s', '1m 1s', '1h 0m', '1d 2h'])
    expect([momentText(0), momentText(null)]).toEqual(['1970-01-01 00:00:00', '-'])
  })

  it('writes the state of a chart as one word', () => {
    const states = ['open', { paid: 'shipping' }, { a: { b: 'c' }, d: {} }, undefined]
    expect(states.map(stateText)).toEqual(['open', 'paid.shipping', 'a.b.c|d', '-'])
  })
})
