import type { ModelCallAnswer } from '../../../actors/model-call-answer.ts'
import type { ModelCallResult } from '../../../machines/model-call.contract.ts'
import { isTroupeError } from '../../../runtime/index.ts'

/** How a call ended, whether it was answered or not. */
export interface CallEnd extends Pick<ModelCallResult, 'attempts' | 'costNanoUsd' | 'usage' | 'unsettled'> {
  readonly code: string | null
  readonly message: string | null
  readonly hint: string | null
  readonly text: string | null
  readonly model: string | null
  readonly refused: ModelCallResult['refused']
}

/** Waits for the end of a call. What is thrown must be a `TroupeError` that lists the attempts. */
export async function endOf(call: Promise<ModelCallAnswer<unknown>>): Promise<CallEnd> {
  try {
    return { ...(await call), code: null, message: null, hint: null }
  } catch (error) {
    if (!isTroupeError(error)) throw error
    const data = error.data as Partial<CallEnd> | undefined
    if (!data?.attempts) throw new Error(`the error lists no attempts: ${JSON.stringify(error)}`, { cause: error })
    const { code, message, hint = null } = error
    return { ...(data as CallEnd), code, message, hint, text: null, model: null }
  }
}
