import { bytesOf } from './evidence-data.ts'
import type { EvidenceBundle } from './evidence.contract.ts'

/** How large a bundle may be. */
export interface EvidenceBounds {
  /** Fields that are looked at for a consensus. */
  readonly fields: number
  /** Disagreements that are listed. */
  readonly diffs: number
  /** Bytes of the whole as JSON, as far as what was answered makes them. */
  readonly bytes: number
}

/** How large a bundle may be unless somebody says otherwise. */
export const EVIDENCE_BOUNDS: EvidenceBounds = Object.freeze({ fields: 500, diffs: 100, bytes: 1_000_000 })

/**
 * A bundle within its bounds. What does not fit is left out, and counted in `truncated`: disagreements from the end, the
 * data of replicates, the largest first, then more disagreements, and the consensus last.
 */
export function boundEvidence(bundle: EvidenceBundle, bounds: EvidenceBounds, unseen: number): EvidenceBundle {
  const { disagreements } = bundle.summary
  const excess = Math.max(0, disagreements.length - bounds.diffs)
  const draft = {
    replicates: [...bundle.replicates],
    disagreements: disagreements.slice(0, bounds.diffs),
    consensus: bundle.summary.consensus,
  }
  const whole = bytesOf({ ...bundle, summary: { ...bundle.summary, disagreements: draft.disagreements } })
  let over = whole - bounds.bytes
  let bytes = 0
  let diffs = excess

  function leaveOut(value: unknown): void {
    const size = bytesOf(value)
    bytes += size
    over -= size
  }

  const bySize = draft.replicates.map(({ data }, index) => ({ index, size: bytesOf(data) }))
  for (const { index } of bySize.sort((one, other) => other.size - one.size)) {
    const replicate = draft.replicates[index]
    if (over <= 0 || !replicate || replicate.data === null) continue
    leaveOut(replicate.data)
    draft.replicates[index] = { ...replicate, data: null, truncated: true }
  }
  while (over > 0 && draft.disagreements.length > 0) {
    leaveOut(draft.disagreements.pop())
    diffs++
  }
  if (over > 0 && draft.consensus !== null) {
    leaveOut(draft.consensus)
    draft.consensus = null
  }
  const isCut = unseen > 0 || diffs > 0 || bytes > 0
  return {
    ...bundle,
    replicates: draft.replicates,
    summary: { ...bundle.summary, disagreements: draft.disagreements, consensus: draft.consensus },
    truncated: isCut ? { fields: unseen, diffs, bytes } : null,
  }
}
