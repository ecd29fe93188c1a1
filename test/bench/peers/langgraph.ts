import { loadPeer } from '../load-peer.ts'

/** A graph of LangGraph under construction, as far as it is used here. */
export interface LangGraphBuilder {
  addNode(name: string, node: (state: never) => Promise<object>): LangGraphBuilder
  addEdge(from: string, to: string): LangGraphBuilder
  addConditionalEdges(from: string, choose: (state: never) => object[]): LangGraphBuilder
  compile(): { invoke(input: object): Promise<Readonly<Record<string, unknown>>> }
}

interface Reducer<T> {
  readonly reducer: (left: T, right: T) => T
  readonly default: () => T
}

interface LangGraphModule {
  readonly START: string
  readonly END: string
  readonly Annotation: {
    <T>(options?: Reducer<T>): object
    Root(channels: Readonly<Record<string, object>>): object
  }
  readonly StateGraph: new (state: object) => LangGraphBuilder
  readonly Send: new (node: string, input: object) => object
}

/** Loads LangGraph. */
export function langgraph(): Promise<LangGraphModule> {
  return loadPeer('@langchain/langgraph')
}
