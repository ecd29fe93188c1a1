import { describe, expect, test } from 'vitest'
import { readDelimitedText } from '../../../../agents/spreadsheet/reading/delimited-text.ts'

const rowsOf = (text: string | Buffer): unknown[][] =>
  readDelimitedText(Buffer.from(text)).sheets.flatMap((sheet) =>
    sheet.rows.map((row) => Array.from(row ?? [], (cell) => cell?.formula ?? cell?.value)),
  )

describe('csv is read for what it says', () => {
  test.each([
    [
      'a,b\n1,2',
      [
        ['a', 'b'],
        [1, 2],
      ],
    ],
    [
      'a;b\r\n1,5;2',
      [
        ['a', 'b'],
        ['1,5', 2],
      ],
    ],
    [
      'a\tb\r1\t-2.5e3',
      [
        ['a', 'b'],
        [1, -2500],
      ],
    ],
    ['sep=|\nx|y', [['x', 'y']]],
    [
      '"a ""q"", b",2\n"two\nlines",3',
      [
        ['a "q", b', 2],
        ['two\nlines', 3],
      ],
    ],
    ['x,,y\n\n,true', [['x', undefined, 'y'], [], [undefined, true]]],
    [
      'id,when\n007x,2024-01-31\n1-2,3/4',
      [
        ['id', 'when'],
        ['007x', '2024-01-31'],
        ['1-2', '3/4'],
      ],
    ],
    ["=cmd|'/c calc'!A1,1", [["cmd|'/c calc'!A1", 1]]],
    ['\uFEFFä,ö', [['ä', 'ö']]],
  ])('%j', (text, rows) => {
    expect(rowsOf(text)).toEqual(rows)
  })

  test('encodings without a mark', () => {
    expect(rowsOf(Buffer.from('Stra\xdfe,1', 'latin1'))).toEqual([['Straße', 1]])
    expect(rowsOf(Buffer.from('\uFEFFä;1', 'utf16le'))).toEqual([['ä', 1]])
  })

  test('an empty text in quotes is a value, an empty field is none', () => {
    const sheet = readDelimitedText(Buffer.from('a,b,c\n"",,1')).sheets[0]
    expect(sheet?.rows[1]?.[0]).toEqual({ type: 'text', value: '' })
    expect(sheet?.rows[1]?.[1]).toBeUndefined()
    expect(sheet?.used).toEqual({ top: 0, left: 0, bottom: 1, right: 2 })
  })
})

describe('text that is no table is refused, and says what would be one', () => {
  test.each([
    'Dear colleagues,\nthe meeting of next Tuesday is moved to Thursday, since most of you are away.\nPlease bring your figures.\n',
    'This sentence was sent by mistake.',
    '# Notes\n\nWe met on Monday, and agreed on little. Ann will write it down.\n\n- Bob calls the bank, then Carol; she knows.\n',
  ])('%j', (text) => {
    expect(() => readDelimitedText(Buffer.from(text))).toThrow('text without columns')
  })

  test.each([
    'Name\nAnn Smith\nBob Jones\n',
    'a',
    '1\n2\n3.5\n',
    'Question,Answer\nWhat do you like best about it?,The colour of the box.\nWould you buy it again?,Yes I would.\n',
    'Comment\n"Great, I would buy it again."\n"Too slow for what I need. Sorry."\n',
    'Plan of the year 2024, all amounts in thousands.\n\nItem;Jan;Feb\nRent;1;2\nPower;3;4\n',
    'Ann Smith, 12 High Street, London\nBob, 4 Low Road, Flat 2, Leeds\n',
    '1,Great, but slow. It took me an hour.\n2,I would buy it again.\n3,No, never. Too small, too loud.\n',
    'sep=,\nThis is a table because its author says so.\n',
  ])('%j is a table', (text) => {
    expect(rowsOf(text).length).toBeGreaterThan(0)
  })
})
