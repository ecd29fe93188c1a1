import { type Command, EXIT, isTroupeError, usageError } from '../../runtime/index.ts'
import { estimateAnalysis, type ModelEstimate, type TightCall } from './analysis-estimate.ts'
import { analyzeModel } from './phases/deterministic-analysis.ts'
import { groupedNumber, markdownText } from './report/markdown-text.ts'
import { markdownTable } from './report/markdown-table.ts'
import { TERMS_OPTIONS, termsOf } from './terms-options.ts'
import { createWorkbookShelf, titleOf, type WorkbookSource } from './workbook-shelf.ts'

const { model, price, budget, 'base-url': baseUrl } = TERMS_OPTIONS

/** `troupe estimate`. */
export const estimate: Command = {
  name: 'estimate',
  summary: 'Say what an analysis with a model would use and cost at most. No model is asked.',
  usage: '[FILE] [options]',
  options: {
    ...{ model, price, budget, 'base-url': baseUrl },
    json: { type: 'boolean', description: 'print one JSON object in place of the table' },
  } as Command['options'],
  examples: ['troupe estimate book.xlsx', 'troupe estimate book.xlsx --model openai/gpt-5-mini,openai/gpt-5'],
  async run({ positionals, options, terminal, signal }) {
    if (positionals.length > 1) throw usageError(`one FILE at a time, not ${positionals.length}`)
    const terms = termsOf(options)
    const [path] = positionals
    const source: WorkbookSource = path === undefined ? { kind: 'sample' } : { kind: 'file', path }
    const opened = await createWorkbookShelf()
      .open(source, () => Promise.resolve(signal.throwIfAborted()))
      .catch(asUsage)
    const { blocked, facts } = analyzeModel(opened)
    if (facts === null) {
      terminal.note(`blocked: ${blocked.reason}`)
      return EXIT.blocked
    }
    const models = await estimateAnalysis(facts, terms).catch(asUsage)
    const workbook = { name: titleOf(source), sha256: facts.sha256, sheets: facts.sheets.length }
    const isJson = options['json'] === true
    await terminal.out(isJson ? `${JSON.stringify({ workbook, models }, null, 2)}\n` : textOf(models, terms.budget))
    if (!isJson && terms.models.length === 0) terminal.note('Name models with --model to see what they would cost.')
    return EXIT.done
  },
}

function textOf(models: readonly ModelEstimate[], tokens: number): string {
  const columns = [
    { title: 'Model' },
    { title: 'Step' },
    { title: 'Calls', right: true },
    { title: 'Tokens in', right: true },
    { title: 'Tokens out, at most', right: true },
    { title: 'USD, at most', right: true },
    { title: 'Budget', right: true },
  ]
  const rows = models.flatMap(({ model: name, steps }) =>
    steps.map((step) => [
      name ?? 'any',
      step.step.replaceAll('_', ' '),
      `${step.calls}`,
      groupedNumber(step.inputTokens),
      groupedNumber(step.outputTokens),
      step.costUsd === null ? 'unknown price' : step.costUsd.toFixed(4),
      groupedNumber(step.budget),
    ]),
  )
  const notes = models.flatMap((one) => tightText(one, tokens))
  return `${[markdownTable(columns, rows), ...notes].join('\n\n')}\n`
}

/** Which calls do not fit into the budget, and what becomes of them. */
function tightText({ model: name, tight }: ModelEstimate, tokens: number): string[] {
  const lead = `Of a budget of ${groupedNumber(tokens)} tokens${name === null ? '' : `, with ${name},`}`
  const of = (outcome: TightCall['outcome']): string[] =>
    tight
      .filter((call) => call.outcome === outcome)
      .map(({ step, sheet, least, budget: share }) => {
        const what = markdownText(sheet ?? step.replaceAll('_', ' '))
        return `- ${what}: needs ${groupedNumber(least)} at least, has ${groupedNumber(share)}`
      })
  const leftOut = of('left_out')
  const shortened = of('shortened')
  return [
    ...(leftOut.length === 0
      ? []
      : [`${lead} these calls would not be made; the rules write their part:\n\n${leftOut.join('\n')}`]),
    ...(shortened.length === 0 ? [] : [`${lead} these calls would send less of the data:\n\n${shortened.join('\n')}`]),
  ]
}

// What the user named cannot be opened, or is no model.
function asUsage(error: unknown): never {
  if (isTroupeError(error, 'NOT_FOUND') || isTroupeError(error, 'INVALID_MESSAGE'))
    throw usageError(error.message, error.hint)
  throw error
}
