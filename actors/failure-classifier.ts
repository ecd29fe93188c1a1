import { type CallFailure, FAILURE_RULES } from '../machines/model-failure.ts'
import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import { callFailure } from './classify-failure.ts'

/** Says what kind of failure a thrown value is. */
export type FailureClassifier = (thrown: unknown) => CallFailure

/** The classifier given. One that throws, or names a kind that is not there, does not hide what it was to classify. */
export function failureClassifier(host: ActorHost, given: FailureClassifier): FailureClassifier {
  return (thrown) => {
    try {
      const failure = given(thrown)
      if (Object.hasOwn(FAILURE_RULES, failure.category)) return failure
    } catch {
      // What it says is of no use either way.
    }
    return callFailure(thrown, host.clock.now())
  }
}
