import { expect, test } from 'vitest'
import { drawnCharts } from '../../../../agents/spreadsheet/reading/chart-sources.ts'
import { checkIntegrity } from '../../../../agents/spreadsheet/reading/integrity.ts'
import { readWorkbook } from '../../../../agents/spreadsheet/reading/workbook-reader.ts'
import { noParts } from '../../../../agents/spreadsheet/reading/workbook-parts.ts'
import { builtPackage, relationsXml } from './built-package.ts'

const series = "<c:cat><c:f>One!$A$1:$A$3</c:f></c:cat><c:val><c:f>'P&amp;L'!$B$1:$B$3</c:f></c:val>"
const drawn = ['One!$A$1:$A$3', "'P&L'!$B$1:$B$3"]

test('a sheet knows its charts and what they draw', () => {
  const bytes = builtPackage('', {
    'xl/worksheets/_rels/sheet1.xml.rels': relationsXml([['d', 'drawing', '../drawings/drawing1.xml']]),
    'xl/drawings/drawing1.xml': '<wsDr/>',
    'xl/drawings/_rels/drawing1.xml.rels': relationsXml([
      ['c', 'chart', '../charts/chart1.xml'],
      ['i', 'image', '../media/image1.png'],
    ]),
    'xl/charts/chart1.xml': `<c:chartSpace xmlns:c="c">${series}</c:chartSpace>`,
  })
  const { workbook } = readWorkbook(bytes, checkIntegrity(bytes))
  expect(workbook?.sheets[0]).toMatchObject({ charts: 1, chartSources: drawn })
})

test('a chart that is missing or lies outside draws nothing', () => {
  const rels = relationsXml([
    ['a', 'chart', 'gone.xml'],
    ['b', 'chart', '!http://example.org/chart.xml'],
  ])
  const parts = { ...noParts, text: (name: string) => (name.endsWith('.rels') ? rels : undefined) }
  expect(drawnCharts(parts, ['xl/drawing.xml'])).toEqual({ charts: 1, chartSources: [] })
})

test('charts without end are read up to a bound', () => {
  const rels = relationsXml([['a', 'chart', 'chart.xml']])
  const parts = { ...noParts, text: (name: string) => (name.endsWith('.rels') ? rels : series.repeat(20_000)) }
  expect(drawnCharts(parts, ['drawing.xml']).chartSources.length).toBe(10_000)
})
