import { type Hands, isTroupeError, parseAddress } from '../../runtime/index.ts'
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
  /** What the run has kept already, when it was cut off right after; null when it has yet to find something. */
  recall(hands: Pick<Hands, 'owner' | 'ref'>): Promise<KeptAnalysis | null>
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
    async recall({ owner, ref }) {
      const { key } = parseAddress(owner)
      try {
        return referenceTo(await hold(key, ref(workbookFacts, key).result()), key)
      } catch (error) {
        if (isTroupeError(error, 'NOT_FOUND')) return null
        throw error
      }
    },
    async keep(analysis, { owner, spawn }) {
      const { key } = parseAddress(owner)
      await spawn(workbookFacts, { key, input: analysis, fresh: true })
      return referenceTo(await hold(key, Promise.resolve(analysis)), key)
    },
    bring: async (analysed, { ref }) => {
      if (!('kept' in analysed)) return analysed
      const { kept } = analysed
      return near.get(kept) ?? hold(kept, ref(workbookFacts, kept).result())
    },
  }
}

function referenceTo({ blocked, integrity: { sha256 } }: DeterministicAnalysis, kept: string): KeptAnalysis {
  return { blocked, sha256, kept }
}

/** The hash of the workbook that was analysed. */
export function sha256Of(analysed: Analysed): string {
  return 'kept' in analysed ? analysed.sha256 : analysed.integrity.sha256
}
