import { assign, createActor, fromPromise, setup, toPromise } from 'xstate'
import type { Probe } from '../bench-case.ts'
import { perSecond } from '../stopwatch.ts'
import { checkSteps, STEPS, stepWork } from '../workload/step-work.ts'

/** XState alone: ten states that each invoke a promise, runs a second. */
export function rawTenSteps(): Probe {
  const setUp = setup({
    types: { context: {} as { value: number }, output: {} as number },
    actors: { work: fromPromise<number, number>(({ input }) => stepWork(input)) },
  })
  const step = (index: number) =>
    setUp.createStateConfig({
      invoke: {
        src: 'work',
        input: ({ context }) => context.value,
        onDone: { target: `step${index + 1}`, actions: assign({ value: ({ event }) => event.output }) },
      },
    })
  const steps = Object.fromEntries(Array.from({ length: STEPS }, (_, index) => [`step${index}`, step(index)]))
  const machine = setUp.createMachine({
    context: { value: 0 },
    initial: 'step0',
    output: ({ context }) => context.value,
    states: { ...steps, [`step${STEPS}`]: { type: 'final' } },
  })
  const run = () => toPromise(createActor(machine).start())
  return {
    check: async () => checkSteps(await run()),
    sample: perSecond(async (count) => {
      for (let done = 0; done < count; done += 1) await run()
    }),
  }
}
