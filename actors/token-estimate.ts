import type { ModelRequest } from '../machines/model-request.ts'

/** Guesses the tokens of a request before it is sent, and learns from what was really used. */
export interface TokenEstimator {
  /** Input tokens of the request for the model (`provider/model`). */
  estimate(model: string, request: ModelRequest): Promise<number>
  /** Tells what an estimate came to. */
  learn(model: string, estimated: number, actual: number): void
}
