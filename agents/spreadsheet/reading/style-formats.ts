import { openingTags, tagAttribute } from './xml-scan.ts'

/** The number formats every spreadsheet program knows by id and no file writes down. */
const BUILT_IN: Readonly<Record<number, string>> = {
  1: '0',
  2: '0.00',
  3: '#,##0',
  4: '#,##0.00',
  5: '"$"#,##0_);("$"#,##0)',
  6: '"$"#,##0_);[Red]("$"#,##0)',
  7: '"$"#,##0.00_);("$"#,##0.00)',
  8: '"$"#,##0.00_);[Red]("$"#,##0.00)',
  9: '0%',
  10: '0.00%',
  11: '0.00E+00',
  12: '# ?/?',
  13: '# ??/??',
  14: 'm/d/yy',
  15: 'd-mmm-yy',
  16: 'd-mmm',
  17: 'mmm-yy',
  18: 'h:mm AM/PM',
  19: 'h:mm:ss AM/PM',
  20: 'h:mm',
  21: 'h:mm:ss',
  22: 'm/d/yy h:mm',
  37: '#,##0 ;(#,##0)',
  38: '#,##0 ;[Red](#,##0)',
  39: '#,##0.00;(#,##0.00)',
  40: '#,##0.00;[Red](#,##0.00)',
  41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)',
  42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
  43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
  44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
  45: 'mm:ss',
  46: '[h]:mm:ss',
  47: 'mmss.0',
  48: '##0.0E+0',
  49: '@',
}

/** East Asian date formats; they differ in language, not in being dates. */
const ASIAN_DATES = [27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58]
const ASIAN_TIMES = [32, 33, 34, 35, 55, 56]

/** The number format code of each cell style, by its index; undefined where it is General. */
export function readStyleFormats(xml: string): readonly (string | undefined)[] {
  const codes = new Map<number, string>(Object.entries(BUILT_IN).map(([id, code]) => [Number(id), code]))
  for (const id of ASIAN_DATES) codes.set(id, 'm/d/yy')
  for (const id of ASIAN_TIMES) codes.set(id, 'h:mm:ss')
  for (const tag of openingTags(xml, 'numFmt')) {
    codes.set(Number(tagAttribute(tag, 'numFmtId')), tagAttribute(tag, 'formatCode') ?? 'General')
  }
  const from = xml.search(/<(?:\w+:)?cellXfs[\s>]/)
  const length = from < 0 ? 0 : xml.slice(from).search(/<\/(?:\w+:)?cellXfs>/)
  const styles = length < 0 ? '' : xml.slice(from, from + length)
  return openingTags(styles, 'xf').map((tag) => {
    const code = codes.get(Number(tagAttribute(tag, 'numFmtId') ?? 0))
    return code === undefined || /^(?:general)?$/i.test(code) ? undefined : code
  })
}
