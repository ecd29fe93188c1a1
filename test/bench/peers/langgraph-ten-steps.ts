import type { Probe } from '../bench-case.ts'
import { perSecond } from '../stopwatch.ts'
import { checkSteps, STEPS, stepWork } from '../workload/step-work.ts'
import { langgraph } from './langgraph.ts'

/** LangGraph without a checkpointer: ten nodes one after the other, runs a second. */
export async function langgraphTenSteps(): Promise<Probe> {
  const { Annotation, END, START, StateGraph } = await langgraph()
  let builder = new StateGraph(Annotation.Root({ value: Annotation<number>() }))
  for (let index = 0; index < STEPS; index += 1) {
    const node = async (state: { value: number }) => ({ value: await stepWork(state.value) })
    builder = builder.addNode(`step-${index}`, node)
    builder = builder.addEdge(index === 0 ? START : `step-${index - 1}`, `step-${index}`)
  }
  const graph = builder.addEdge(`step-${STEPS - 1}`, END).compile()
  return {
    check: async () => checkSteps((await graph.invoke({ value: 0 })).value),
    sample: perSecond(async (count) => {
      for (let done = 0; done < count; done += 1) await graph.invoke({ value: 0 })
    }),
  }
}
