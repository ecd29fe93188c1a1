import { cellName, decodeCell } from '../reading/cell-range.ts'

/** A value a cell shows, or an error's text after a `#`. */
export type SampleValue = number | string

/** One cell of the sample: what it shows and, when it is computed, how. */
export interface SampleCell {
  readonly value: SampleValue
  readonly formula?: string
  readonly style: SampleStyle
}

/** The looks of the sample, by their index in its style sheet. */
export type SampleStyle = 'general' | 'whole' | 'percent' | 'date' | 'cents'

/** A sheet being filled. */
export interface SampleSheet {
  readonly name: string
  readonly state: 'visible' | 'hidden'
  readonly cells: ReadonlyMap<string, SampleCell>
  put(cell: string, value: SampleValue, style?: SampleStyle): void
  /** Puts a formula together with the value it gives. */
  compute(cell: string, formula: string, value: SampleValue, style?: SampleStyle): void
  /** The number a cell shows; a text counts as nothing, as it does in a sum. */
  number(cell: string): number
  /** What SUM over a range of this sheet gives. */
  sum(from: string, to: string): number
}

/** An empty sheet of the sample. */
export function sampleSheet(name: string, state: SampleSheet['state'] = 'visible'): SampleSheet {
  const cells = new Map<string, SampleCell>()
  const number = (cell: string): number => {
    const value = cells.get(cell)?.value
    return typeof value === 'number' ? value : 0
  }
  return {
    name,
    state,
    cells,
    number,
    put(cell, value, style = 'general') {
      cells.set(cell, { value, style })
    },
    compute(cell, formula, value, style = 'whole') {
      cells.set(cell, { value, formula, style })
    },
    sum(from, to) {
      const [start, end] = [decodeCell(from), decodeCell(to)]
      let total = 0
      for (let row = start?.row ?? 0; row <= (end?.row ?? -1); row++) {
        for (let column = start?.column ?? 0; column <= (end?.column ?? -1); column++) {
          total += number(cellName(row, column))
        }
      }
      return total
    },
  }
}
