import { ownField } from './evidence-data.ts'
import { fieldsOfValues, isMissing, kindOfValues, leafDistance } from './evidence-distance.ts'
import type { EvidenceField } from './evidence-field.ts'
import type { EvidenceDisagreement, EvidenceDistribution } from './evidence.contract.ts'

/** What one replicate says of a field. */
interface Said {
  readonly id: string
  readonly value: unknown
}

/** How far values may differ and still be the same, and how much is looked at. */
export interface ConsensusOptions {
  /** Of texts. */
  readonly tolerance: number
  /** How many fields are looked at; those after them are only counted. */
  readonly fields: number
}

/** What answers have in common. */
export interface EvidenceConsensus {
  /** What is unambiguous; null when nothing is. */
  readonly value: unknown
  readonly disagreements: readonly EvidenceDisagreement[]
  readonly distributions: readonly EvidenceDistribution[]
  /** How many fields there are that were not looked at. */
  readonly unseen: number
}

interface Walk extends ConsensusOptions {
  readonly disagreements: EvidenceDisagreement[]
  readonly distributions: EvidenceDistribution[]
  seen: number
}

// What neither is there nor agreed upon; null and undefined are things that an answer may say.
const NOTHING = Symbol('nothing')
// Numbers that differ by no more than arithmetic does.
const SAME_NUMBER = 1e-9

/**
 * What answers have in common, field by field: a value stands when more than half of them, and two at least, say the same.
 * Wherever one says something else, that is a disagreement.
 *
 * A field with tolerance, as texts have by default, takes the value that is closest to those that say the same.
 */
export function evidenceConsensus(
  field: EvidenceField,
  answers: readonly { readonly id: string; readonly data: unknown }[],
  options: ConsensusOptions,
): EvidenceConsensus {
  const walk: Walk = { ...options, disagreements: [], distributions: [], seen: 0 }
  const said = answers.map(({ id, data }) => ({ id, value: data }))
  const value = said.length === 0 ? NOTHING : settle(walk, field, '$', said)
  return {
    value: value === NOTHING || value === undefined ? null : value,
    disagreements: walk.disagreements,
    distributions: walk.distributions,
    unseen: Math.max(0, walk.seen - walk.fields),
  }
}

function settle(walk: Walk, field: EvidenceField, path: string, said: readonly Said[]): unknown {
  const present = said.map(({ value }) => value).filter((value) => !isMissing(value))
  const kind = kindOfValues(field, present)
  if (kind === 'object' && present.length * 2 > said.length) {
    const settled: (readonly [string, unknown])[] = []
    for (const [name, inner] of fieldsOfValues(field, present)) {
      const each = said.map(({ id, value }) => ({ id, value: ownField(value, name) }))
      const value = settle(walk, inner, path === '$' ? name : `${path}.${name}`, each)
      if (value !== NOTHING && value !== undefined) settled.push([name, value])
    }
    return settled.length === 0 && fieldsOfValues(field, present).size > 0 ? NOTHING : Object.fromEntries(settled)
  }
  if (++walk.seen > walk.fields) return NOTHING
  if (kind === 'number' && present.length > 0) walk.distributions.push(distributionOf(path, present as number[]))
  return settleLeaf(walk, { field, kind: kind === 'object' ? 'category' : kind, path }, said)
}

interface Leaf {
  readonly field: EvidenceField
  readonly kind: Parameters<typeof leafDistance>[0]
  readonly path: string
}

function settleLeaf(walk: Walk, { field, kind, path }: Leaf, said: readonly Said[]): unknown {
  const standard = kind === 'text' ? walk.tolerance : kind === 'number' ? SAME_NUMBER : 0
  const tolerance = field.tolerance ?? standard
  const far = (one: unknown, other: unknown): number => {
    if (isMissing(one) || isMissing(other)) return isMissing(one) && isMissing(other) ? 0 : Number.POSITIVE_INFINITY
    return leafDistance(kind, field, one, other)
  }
  const distances = said.map(() => said.map(() => 0))
  for (const [index, row] of distances.entries()) {
    for (const [other, column] of distances.entries()) {
      if (other <= index) continue
      const distance = far(said[index]?.value, said[other]?.value)
      row[other] = distance
      column[index] = distance
    }
  }
  const isSame = (one: number, other: number): boolean => (distances[one]?.[other] ?? 0) <= tolerance
  const groups: number[][] = []
  for (const index of said.keys()) {
    const group = groups.find(([first = index]) => isSame(first, index))
    if (group) group.push(index)
    else groups.push([index])
  }
  const best = middleOf(distances, tolerance)
  if (groups.length > 1) walk.disagreements.push(disagreementOf(path, groups, said))
  const isClear = best.size >= 2 && best.size * 2 > said.length
  return isClear ? said[best.index]?.value : NOTHING
}

/** Of all values the one that most are the same as, and of these the closest to them; the first of several such. */
function middleOf(
  distances: readonly (readonly number[])[],
  tolerance: number,
): { readonly index: number; readonly size: number } {
  let best = { index: 0, size: 0, sum: 0 }
  for (const [index, row] of distances.entries()) {
    const near = row.filter((distance) => distance <= tolerance)
    const sum = near.reduce((total, distance) => total + distance, 0)
    if (near.length > best.size || (near.length === best.size && sum < best.sum)) {
      best = { index, size: near.length, sum }
    }
  }
  return best
}

function disagreementOf(
  field: string,
  groups: readonly (readonly number[])[],
  said: readonly Said[],
): EvidenceDisagreement {
  const values = groups.map((group) => ({
    value: said[group[0] ?? 0]?.value ?? null,
    replicates: group.map((index) => said[index]?.id ?? ''),
  }))
  return { field, values }
}

function distributionOf(field: string, numbers: readonly number[]): EvidenceDistribution {
  let mean = 0
  let squares = 0
  for (const [index, value] of numbers.entries()) {
    const delta = value - mean
    mean += delta / (index + 1)
    squares += delta * (value - mean)
  }
  const stdev = numbers.length > 1 ? Math.sqrt(squares / (numbers.length - 1)) : 0
  // Numbers at the end of what there is have a spread that is none.
  const finite = (value: number): number => (Number.isFinite(value) ? value : Number.MAX_VALUE)
  return {
    field,
    count: numbers.length,
    mean: finite(mean),
    stdev: finite(stdev),
    min: Math.min(...numbers),
    max: Math.max(...numbers),
  }
}
