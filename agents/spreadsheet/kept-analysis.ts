import { type Hands, parseAddress } from '../../runtime/index.ts'
import type { Block, DeterministicAnalysis } from './phases/deterministic-analysis.ts'
import { workbookFacts } from './workbook-facts.actor.ts'

/** What a durable run remembers of its first step: where the rest of it is kept. */
export interface KeptAnalysis {
  readonly blocked: Block | null
  readonly sha256: string
  /** The key of the actor that keeps it. */
  readonly kept: string
}

/** What the first step of a run leaves: all it found, or where that is kept. */
export type Analysed = DeterministicAnalysis | KeptAnalysis

/** Keeps what durable runs found, and brings it back for the steps that work on it. */
export interface AnalysisKeeper {
  keep(analysis: DeterministicAnalysis, hands: Pick<Hands, 'owner' | 'spawn'>): Promise<KeptAnalysis>
  bring(analysed: Analysed, hands: Pick<Hands, 'ref'>): Promise<DeterministicAnalysis>
}

// Steps follow each other on one workbook; those of other runs are read again.
const NEAR = 4

/** Makes a keeper with the analyses of this process near at hand. */
export function createAnalysisKeeper(): AnalysisKeeper {
  const near = new Map<string, Promise<DeterministicAnalysis>>()

  function hold(key: string, analysis: Promise<DeterministicAnalysis>): Promise<DeterministicAnalysis> {
    near.set(key, analysis)
    for (const oldest of near.keys()) if (near.size > NEAR) near.delete(oldest)
    analysis.catch(() => near.delete(key))
    return analysis
  }

  return {
    async keep(analysis, { owner, spawn }) {
      const { key } = parseAddress(owner)
      const keeper = await spawn(workbookFacts, { key, input: analysis, fresh: true })
      // A step that was cut off right after it had kept its facts stands by those.
      const { blocked, integrity } = await hold(key, keeper.result())
      return { blocked, sha256: integrity.sha256, kept: key }
    },
    bring: async (analysed, { ref }) => {
      if (!('kept' in analysed)) return analysed
      const { kept } = analysed
      return near.get(kept) ?? hold(kept, ref(workbookFacts, kept).result())
    },
  }
}

/** The hash of the workbook that was analysed. */
export function sha256Of(analysed: Analysed): string {
  return 'kept' in analysed ? analysed.sha256 : analysed.integrity.sha256
}
