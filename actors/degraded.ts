/** A value that is worse than it should be, and why. Plain data: an actor may end with one, too. */
export interface Degraded<Value> {
  readonly 'troupe.degraded': string
  readonly value: Value
}

/** The value behind a result, degraded or not. */
export type Undegraded<Result> = Result extends Degraded<infer Value> ? Value : Result

/**
 * A result that says of itself that it is not what it should be. The step counts as `degraded`, and so does the run.
 *
 * @example
 * return model ? await model.summarise(text) : degraded(firstLines(text), 'no model is configured')
 */
export function degraded<Value>(value: Value, reason: string): Degraded<Value> {
  return { 'troupe.degraded': reason, value }
}

/** True for what `degraded` made. */
export function isDegraded(result: unknown): result is Degraded<unknown> {
  return typeof result === 'object' && result !== null && 'troupe.degraded' in result
}
