import type { Probe } from '../bench-case.ts'
import { perSecond } from '../stopwatch.ts'
import { checkJoined, ITEMS, itemWork, joinItems } from '../workload/item-work.ts'
import { langgraph } from './langgraph.ts'

/** LangGraph without a checkpointer: `Send` to 100 tasks at once, and their join, runs a second. */
export async function langgraphFanOut(): Promise<Probe> {
  const { Annotation, END, Send, START, StateGraph } = await langgraph()
  const state = Annotation.Root({
    items: Annotation<readonly number[]>(),
    doubled: Annotation<number[]>({ reducer: (left, right) => left.concat(right), default: () => [] }),
    total: Annotation<number>(),
  })
  const graph = new StateGraph(state)
    .addNode('item', async ({ item }: { item: number }) => ({ doubled: [await itemWork(item)] }))
    .addNode('join', async ({ doubled }: { doubled: number[] }) => ({ total: joinItems(doubled) }))
    .addConditionalEdges(START, ({ items }: { items: number[] }) => items.map((item) => new Send('item', { item })))
    .addEdge('item', 'join')
    .addEdge('join', END)
    .compile()
  const run = async () => (await graph.invoke({ items: ITEMS })).total
  return {
    check: async () => checkJoined(await run()),
    sample: perSecond(async (count) => {
      for (let done = 0; done < count; done += 1) await run()
    }),
  }
}
