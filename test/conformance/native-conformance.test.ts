import { describe, expect, it } from 'vitest'
import { comparable, type NativeCase } from '../support/conformance/native-case.ts'
import { kernelRun } from '../support/conformance/kernel-run.ts'
import { nativeRun } from '../support/conformance/native-run.ts'
import { actionCases } from './native-machines/action-cases.ts'
import { actorCases } from './native-machines/actor-cases.ts'
import { callbackCases } from './native-machines/callback-cases.ts'
import { childErrorCases } from './native-machines/child-error-cases.ts'
import { childLifeCases } from './native-machines/child-life-cases.ts'
import { delayCases } from './native-machines/delay-cases.ts'
import { guardCases } from './native-machines/guard-cases.ts'
import { observableCases } from './native-machines/observable-cases.ts'
import { promiseCases } from './native-machines/promise-cases.ts'
import { regionCases } from './native-machines/region-cases.ts'
import { transitionCases } from './native-machines/transition-cases.ts'

const GROUPS: Readonly<Record<string, readonly NativeCase[]>> = {
  transitions: transitionCases,
  guards: guardCases,
  'parallel, history and final states': regionCases,
  delays: delayCases,
  actions: actionCases,
  'child machines': actorCases,
  'the lives of children': childLifeCases,
  'errors of children': childErrorCases,
  promises: promiseCases,
  callbacks: callbackCases,
  observables: observableCases,
}

describe('a machine does in the kernel what it does under createActor', () => {
  for (const [group, cases] of Object.entries(GROUPS)) {
    describe(group, () => {
      for (const subject of cases) {
        it(subject.name, async () => {
          const native = await nativeRun(subject)
          const hosted = await kernelRun(subject)
          expect(hosted.map(comparable)).toEqual(native.map(comparable))
        })
        it(`${subject.name}, through the codec`, async () => {
          const native = await nativeRun(subject)
          const hosted = await kernelRun(subject, { forceCodec: true })
          expect(hosted.map(comparable)).toEqual(native.map(comparable))
        })
      }
    })
  }
})
