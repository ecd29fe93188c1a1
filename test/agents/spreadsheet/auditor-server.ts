import type { FaultAnswer } from '../../../actors/models/fault-answer.ts'
import type { FaultRequest } from '../../../actors/models/fault-request.ts'
import { createFaultServer, type FaultServer } from '../../../actors/models/fault-server.ts'
import type { SheetDigest } from '../../../agents/spreadsheet/phases/sheet-digest.ts'

/** What a model was asked for. */
export type AuditTask = 'study' | 'edges' | 'summary'

/** One question as the auditor reads it: of which kind, and the data in it. */
export interface AuditQuestion {
  readonly task: AuditTask
  readonly data: string
  /** All of the request as text, for what should not be in it, or where. */
  readonly instructions: string
}

/** A claim that no cell of any sheet bears out. */
const PLANTED = { kind: 'value', cell: 'A1', value: 987_654_321, text: 'Reserves are 987654321.' } as const

/** What an honest auditor would answer, with some lies among it. */
export function auditorAnswer({ task, data }: AuditQuestion): unknown {
  if (task === 'study') return study(JSON.parse(data) as SheetDigest)
  if (task === 'edges') return edges(data)
  return summary(data)
}

function study({ totals, formulas }: SheetDigest): unknown {
  const sums = totals.slice(0, 3).map(({ cell, range, function: name, value }) => ({
    ...{ kind: 'total', cell, range, function: name, value, text: `The ${name} of ${range} in ${cell} is ${value}.` },
  }))
  const first = formulas.filter(({ complete }) => complete).slice(0, 1)
  const computed = first.map(({ cell, formula }) => ({
    kind: 'formula',
    cell,
    formula,
    text: `${cell} computes ${formula}.`,
  }))
  const said = sums.map(({ cell, value }) => `The total in ${cell} is ${value}.`).join(' ')
  return {
    summary: `The sheet adds up what it lists. ${said} Profit doubled to 424242 this year.`,
    claims: [...sums, ...computed, PLANTED],
  }
}

function edges(data: string): unknown {
  const listed = data.split('\n').map((line) => JSON.parse(line) as { readonly from: string; readonly to: string })
  const named = listed.map(({ from, to }) => ({ from, to, purpose: `Reads what ${to} has.` }))
  return { purposes: [...named, { from: 'Nowhere', to: 'Elsewhere', purpose: 'Invented.' }] }
}

function summary(data: string): unknown {
  const statements = data
    .split('\n')
    .map((line) => ({ id: line.split(':')[0] ?? '', says: line.slice(line.indexOf(':') + 2) }))
  const claims = statements.filter(({ id }) => id.startsWith('c')).slice(0, 2)
  return {
    sentences: [
      { text: statements[0]?.says ?? '', sources: ['w1'] },
      ...claims.map(({ id, says }) => ({ text: says, sources: [id] })),
      { text: 'Revenue grew by 31.7 percent.', sources: ['w1'] },
      { text: 'All is well.', sources: ['c999'] },
    ],
  }
}

/** The question in a request, whichever API it came by. */
export function questionIn({ body }: FaultRequest): AuditQuestion {
  const text = JSON.stringify(body)
  const parts: string[] = []
  JSON.parse(text, (_, value: unknown) => {
    if (typeof value === 'string') parts.push(value)
    return value
  })
  const data =
    parts.map((part) => /<data source="[^"]*">\n([\s\S]*)\n<\/data>/.exec(part)?.[1]).find((found) => found) ?? ''
  const instructions = parts.find((part) => part.startsWith('You ')) ?? ''
  const task = /edges/.test(instructions) ? 'edges' : /executive summary/.test(instructions) ? 'summary' : 'study'
  return { task, data, instructions }
}

/** Answers a request as the auditor does, with the tokens it would tell. */
export function audit(request: FaultRequest): FaultAnswer {
  const question = questionIn(request)
  const text = JSON.stringify(auditorAnswer(question))
  return { text, usage: { input: Math.ceil(question.data.length / 4), output: Math.ceil(text.length / 4) } }
}

/** Starts a server of an auditor; `answer` may have other ideas about single requests. */
export function createAuditor(
  answer: (request: FaultRequest) => FaultAnswer | null = () => null,
): Promise<FaultServer> {
  return createFaultServer({ answers: (request) => answer(request) ?? audit(request) })
}
