import { columnName } from '../reading/cell-range.ts'
import { writeSamplePackage } from './sample-package.ts'
import { type SampleSheet, type SampleStyle, sampleSheet } from './sample-sheet.ts'

/** A mistake the sample carries on purpose: what a review has to find. */
export interface PlantedFault {
  readonly kind:
    | 'broken-reference'
    | 'constant-in-run'
    | 'formula-break'
    | 'short-range'
    | 'circular-reference'
    | 'number-as-text'
  readonly sheet: string
  /** The cells at fault; those of a circle are all on it. */
  readonly cells: readonly string[]
  readonly note: string
}

/** All faults of the sample, whatever its seed. */
export const plantedFaults: readonly PlantedFault[] = [
  { kind: 'constant-in-run', sheet: 'Sales', cells: ['G6'], note: 'A number was pasted over the growth formula.' },
  { kind: 'short-range', sheet: 'Sales', cells: ['H10'], note: 'The total of July leaves out the last region.' },
  { kind: 'formula-break', sheet: 'Costs', cells: ['F4'], note: 'May pays for the units of April.' },
  {
    kind: 'number-as-text',
    sheet: 'Costs',
    cells: ['E8', 'J8'],
    note: 'Two energy bills are text, so no sum has them.',
  },
  { kind: 'broken-reference', sheet: 'P&L', cells: ['N10'], note: 'The plan this was compared with was deleted.' },
  {
    kind: 'circular-reference',
    sheet: 'Cash',
    cells: ['K9', 'K10'],
    note: 'Interest is paid on a balance that has it.',
  },
]

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const COLUMNS = MONTHS.map((_, i) => columnName(i + 1))
const REGIONS = ['North', 'South', 'East', 'West', 'Online', 'Export']

interface Model {
  readonly assumptions: SampleSheet
  readonly sales: SampleSheet
  readonly costs: SampleSheet
  readonly profit: SampleSheet
  readonly cash: SampleSheet
  readonly notes: SampleSheet
  readonly random: () => number
}

/** A year's budget of a small company as an xlsx file: six sheets, one hidden, with cached values and planted faults. */
export function sampleWorkbook(seed = 1): Uint8Array {
  const model: Model = {
    assumptions: sampleSheet('Assumptions'),
    sales: sampleSheet('Sales'),
    costs: sampleSheet('Costs'),
    profit: sampleSheet('P&L'),
    cash: sampleSheet('Cash'),
    notes: sampleSheet('Notes', 'hidden'),
    random: randomNumbers(seed),
  }
  fillAssumptions(model)
  fillSales(model)
  fillCosts(model)
  fillProfit(model)
  fillCash(model)
  fillNotes(model)
  const { assumptions, sales, costs, profit, cash, notes } = model
  return writeSamplePackage([assumptions, sales, costs, profit, cash, notes], { TaxRate: 'Assumptions!$B$9' })
}

function fillAssumptions({ assumptions, random }: Model): void {
  assumptions.put('A1', 'Assumptions of the budget')
  const rows: readonly (readonly [label: string, value: number, style: SampleStyle])[] = [
    ['Growth per month', 0.01 + Math.round(random() * 10) / 1000, 'percent'],
    ['Price per unit', 45 + Math.round(random() * 10), 'cents'],
    ['Discount', 0.05, 'percent'],
    ['Cost per unit', 20 + Math.round(random() * 4) / 2, 'cents'],
    ['Salaries per month', 18_000, 'whole'],
    ['Rent per month', 4200, 'whole'],
    ['Tax rate', 0.25, 'percent'],
    ['Opening cash', 60_000, 'whole'],
    ['Paid a month later', 0.3, 'percent'],
    ['Marketing share', 0.06, 'percent'],
    ['Interest per month', 0.002, 'percent'],
  ]
  for (const [i, [label, value, style]] of rows.entries()) {
    assumptions.put(`A${i + 3}`, label)
    assumptions.put(`B${i + 3}`, value, style)
  }
}

function fillSales({ sales, assumptions, random }: Model): void {
  heading(sales, 'Units sold by region', 'Region')
  const growth = 1 + assumptions.number('B3')
  for (const [i, region] of REGIONS.entries()) {
    const row = i + 4
    sales.put(`A${row}`, region)
    sales.put(`B${row}`, 200 + Math.round(random() * 300), 'whole')
    for (const [previous, column] of pairs()) {
      const value = sales.number(`${previous}${row}`) * growth
      if (`${column}${row}` === 'G6') sales.put('G6', Math.round(value * 1.2), 'whole')
      else sales.compute(`${column}${row}`, `${previous}${row}*(1+Assumptions!$B$3)`, value)
    }
  }
  sales.put('A10', 'Units')
  sales.put('A11', 'Revenue')
  for (const column of COLUMNS) {
    const last = column === 'H' ? 8 : 9
    const units = sales.sum(`${column}4`, `${column}${last}`)
    sales.compute(`${column}10`, `SUM(${column}4:${column}${last})`, units)
    const revenue = units * assumptions.number('B4') * (1 - assumptions.number('B5'))
    sales.compute(`${column}11`, `${column}10*Assumptions!$B$4*(1-Assumptions!$B$5)`, revenue)
  }
  yearTotals(sales, [4, 5, 6, 7, 8, 9, 10, 11])
}

function fillCosts({ costs, sales, assumptions, random }: Model): void {
  heading(costs, 'Costs', 'Item')
  const labels = ['Materials', 'Salaries', 'Rent', 'Marketing', 'Energy', 'Total']
  for (const [i, label] of labels.entries()) costs.put(`A${i + 4}`, label)
  for (const column of COLUMNS) {
    const source = column === 'F' ? 'E' : column
    const units = sales.number(`${source}10`)
    costs.compute(`${column}4`, `Sales!${source}10*Assumptions!$B$6`, units * assumptions.number('B6'))
    costs.compute(`${column}5`, 'Assumptions!$B$7', assumptions.number('B7'))
    costs.compute(`${column}6`, 'Assumptions!$B$8', assumptions.number('B8'))
    const marketing = sales.number(`${column}11`) * assumptions.number('B12')
    costs.compute(`${column}7`, `Sales!${column}11*Assumptions!$B$12`, marketing)
    const energy = 900 + Math.round(random() * 400)
    costs.put(`${column}8`, column === 'E' || column === 'J' ? String(energy) : energy, 'whole')
    costs.compute(`${column}9`, `SUM(${column}4:${column}8)`, costs.sum(`${column}4`, `${column}8`))
  }
  yearTotals(costs, [4, 5, 6, 7, 8, 9])
}

function fillProfit({ profit, sales, costs, assumptions }: Model): void {
  heading(profit, 'Profit and loss', 'Line')
  const labels = ['Revenue', 'Costs', 'Profit before tax', 'Tax', 'Net profit', 'Margin', 'Against plan']
  for (const [i, label] of labels.entries()) profit.put(`A${i + 4}`, label)
  for (const column of [...COLUMNS, 'N']) {
    const revenue = sales.number(`${column}11`)
    const cost = costs.number(`${column}9`)
    const tax = Math.max(0, (revenue - cost) * assumptions.number('B9'))
    const net = revenue - cost - tax
    profit.compute(`${column}4`, `Sales!${column}11`, revenue)
    profit.compute(`${column}5`, `Costs!${column}9`, cost)
    profit.compute(`${column}6`, `${column}4-${column}5`, revenue - cost)
    profit.compute(`${column}7`, `MAX(0,${column}6*TaxRate)`, tax)
    profit.compute(`${column}8`, `${column}6-${column}7`, net)
    profit.compute(
      `${column}9`,
      `IF(${column}4=0,0,${column}8/${column}4)`,
      revenue === 0 ? 0 : net / revenue,
      'percent',
    )
  }
  profit.compute('N10', 'N8-#REF!', '#REF!')
}

function fillCash({ cash, profit, assumptions }: Model): void {
  heading(cash, 'Cash', 'Line')
  const labels = ['Opening', 'Receipts', 'Payments', 'Tax paid', 'Closing', 'Interest', 'Closing with interest']
  for (const [i, label] of labels.entries()) cash.put(`A${i + 4}`, label)
  const late = assumptions.number('B11')
  const rate = assumptions.number('B13')
  for (const [i, column] of COLUMNS.entries()) {
    const previous = COLUMNS[i - 1]
    const opening = previous === undefined ? assumptions.number('B10') : cash.number(`${previous}8`)
    cash.compute(`${column}4`, previous === undefined ? 'Assumptions!$B$10' : `${previous}8`, opening)
    const now = profit.number(`${column}4`) * (1 - late)
    const before = previous === undefined ? 0 : profit.number(`${previous}4`) * late
    const lateFormula = previous === undefined ? '' : `+'P&L'!${previous}4*Assumptions!$B$11`
    cash.compute(`${column}5`, `'P&L'!${column}4*(1-Assumptions!$B$11)${lateFormula}`, now + before)
    cash.compute(`${column}6`, `'P&L'!${column}5`, profit.number(`${column}5`))
    cash.compute(`${column}7`, `'P&L'!${column}7`, profit.number(`${column}7`))
    const closing = opening + (now + before) - cash.number(`${column}6`) - cash.number(`${column}7`)
    cash.compute(`${column}8`, `${column}4+${column}5-${column}6-${column}7`, closing)
    const circular = column === 'K'
    const interest = circular ? 0 : closing * rate
    cash.compute(`${column}9`, `${column}${circular ? 10 : 8}*Assumptions!$B$13`, interest)
    cash.compute(`${column}10`, `${column}8+${column}9`, closing + interest)
  }
}

function fillNotes({ notes }: Model): void {
  notes.put('A1', 'Notes of the preparer')
  const rows = [
    [45_658, 'First draft from the sales plan.'],
    [45_672, 'Energy bills copied from the e-mails of the landlord.'],
    [45_690, 'Plan sheet removed after the board meeting.'],
  ] as const
  for (const [i, [date, text]] of rows.entries()) {
    notes.put(`A${i + 3}`, date, 'date')
    notes.put(`B${i + 3}`, text)
  }
}

function heading(sheet: SampleSheet, title: string, first: string): void {
  sheet.put('A1', title)
  sheet.put('A3', first)
  for (const [i, month] of MONTHS.entries()) sheet.put(`${COLUMNS[i]}3`, month)
  if (sheet.name !== 'Cash') sheet.put('N3', 'Year')
}

function yearTotals(sheet: SampleSheet, rows: readonly number[]): void {
  for (const row of rows) sheet.compute(`N${row}`, `SUM(B${row}:M${row})`, sheet.sum(`B${row}`, `M${row}`))
}

/** Each month's column with the one before it. */
function pairs(): readonly (readonly [previous: string, column: string])[] {
  return COLUMNS.slice(1).map((column, i) => [COLUMNS[i] as string, column])
}

/** A small generator with a good spread; the same seed gives the same numbers everywhere. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
