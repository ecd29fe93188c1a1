import { deepStrictEqual } from 'node:assert/strict'
import { z } from 'zod'

/** Turns of the model in one run; each but the last wants one tool called. */
export const TURNS = 5

/** What the tool takes and gives. */
export const toolInput = z.object({ n: z.number() })
/** What the tool gives. */
export const toolOutput = z.object({ n: z.number() })

/** What all sides run. */
export const PROMPT = 'Double one four times.'
/** What the model says at last. */
export const LAST_WORD = 'sixteen'

/** The tool: so little that only the loop around it is measured. */
export function double({ n }: { readonly n: number }): { readonly n: number } {
  return { n: n * 2 }
}

/** The input that the model gives the tool in a turn, from 0. */
export function inputOf(turn: number): string {
  return JSON.stringify({ n: 2 ** turn })
}

/** Throws unless a run has done its work. */
export function checkLoop(text: string, results: readonly unknown[]): void {
  deepStrictEqual([text, results], [LAST_WORD, [2, 4, 8, 16].map((n) => ({ n }))])
}
