import { writeFile } from 'node:fs/promises'
import { EXIT, type Terminal } from '../../runtime/index.ts'
import type { AnalysisResult } from './report/analysis-result.ts'

/** How a result is wanted. */
export interface DeliveryOrder {
  readonly json: boolean
  readonly out: string | boolean | undefined
}

/** Prints a result, or writes its report to a file. Resolves to the exit code. */
export async function deliver(result: AnalysisResult, order: DeliveryOrder, terminal: Terminal): Promise<number> {
  return (await handOver(result, order, terminal)) ? exitCode(result) : EXIT.crashed
}

/** False when the report did not get to the file it was meant for. */
async function handOver(result: AnalysisResult, { json, out }: DeliveryOrder, terminal: Terminal): Promise<boolean> {
  let written = false
  if (typeof out === 'string') {
    try {
      await writeFile(out, result.report)
      written = true
      terminal.note(`The report is in ${out}.`)
    } catch (error) {
      // The work is done: what cannot be written to the file is not lost.
      terminal.note(`${out} cannot be written: ${(error as Error).message}. The report follows here.`)
    }
  }
  if (json) await terminal.out(`${JSON.stringify(result, null, 2)}\n`)
  else if (!written) await terminal.out(result.report)
  if (result.status !== 'completed') terminal.note(`${result.status}: ${result.reason ?? 'no reason given'}`)
  return written || typeof out !== 'string'
}

function exitCode({ status, overBudget, modelAnswered, usage }: AnalysisResult): number {
  if (status === 'blocked') return EXIT.blocked
  if (status === 'failed') return EXIT.failed
  // Who asked for a model and got none has to hear of it, although the rules did their part.
  if (modelAnswered === false && (usage.calls > 0 || !overBudget)) return EXIT.failed
  return overBudget ? EXIT.overBudget : EXIT.done
}
