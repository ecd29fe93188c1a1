import { z } from 'zod'

const claimed = { id: z.string().max(80), sheet: z.string().max(200), text: z.string().max(600) }

/** The functions a total may claim to be the result of. */
export const totalFunctions = ['SUM', 'AVERAGE', 'COUNT', 'MIN', 'MAX'] as const

/**
 * A statement that can be checked against cells: what a cell holds, what its formula is, or what a range adds up to.
 * `text` is how the statement is worded for the report.
 */
export const claimSchema = z.discriminatedUnion('kind', [
  z.object({
    ...claimed,
    kind: z.literal('value'),
    cell: z.string().max(20),
    value: z.union([z.number(), z.string().max(1000), z.boolean(), z.null()]),
  }),
  z.object({ ...claimed, kind: z.literal('formula'), cell: z.string().max(20), formula: z.string().max(8200) }),
  z.object({
    ...claimed,
    kind: z.literal('total'),
    range: z.string().max(40),
    /** The cell that shows the total, when one does. */
    cell: z.string().max(20).nullable(),
    function: z.enum(totalFunctions),
    value: z.number(),
  }),
])

/** One statement of an agent. */
export type Claim = z.infer<typeof claimSchema>

/** A claim that the workbook does not bear out, and why. */
export const rejectedClaimSchema = z.object({ claim: claimSchema, reason: z.string() })

/** One claim that failed. */
export type RejectedClaim = z.infer<typeof rejectedClaimSchema>

/** The id of the statement at a place in what a model said of a sheet. */
export function modelClaimId(sheet: string, at: number): string {
  return `${sheet.slice(0, 60)}#m${at + 1}`
}

/** Whether a model made the statement: then its text is the model's as well. */
export function isClaimOfModel({ id }: Claim): boolean {
  return /#m\d+$/.test(id)
}
