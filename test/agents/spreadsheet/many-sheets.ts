import { utils, write } from '@e965/xlsx'

/** A workbook of many small sheets, each with sums, a break in them and a text among its numbers. */
export function manySheets(count: number): Uint8Array {
  const book = utils.book_new()
  for (let at = 0; at < count; at++) {
    const rows = Array.from({ length: 12 }, (_, row) => [`Item ${row}`, row * 3 + at, row === 4 ? '17' : row + 1])
    const sheet = utils.aoa_to_sheet([['Item', 'Amount', 'Count', 'Total'], ...rows])
    for (let row = 2; row <= 13; row++) {
      const factor = row === 7 ? `B${row}*2` : `B${row}*C${row}`
      sheet[`D${row}`] = { t: 'n', f: factor, v: 0 }
    }
    sheet['!ref'] = 'A1:D13'
    utils.book_append_sheet(book, sheet, `Sheet ${at + 1}`)
  }
  return new Uint8Array(write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer)
}
