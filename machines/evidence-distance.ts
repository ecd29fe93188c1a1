import { canonicalText, isFieldRecord, ownField } from './evidence-data.ts'
import { ANY_FIELD, type EvidenceField, type EvidenceKind } from './evidence-field.ts'
import { sequenceDistance, setDistance } from './evidence-jaccard.ts'
import { textDistance } from './evidence-text.ts'

/**
 * How far two answers are apart, from 0 for the same to 1: numbers by their difference, sets and sequences by what they do
 * not share, categories by whether they are the same, texts by their trigrams, objects by their fields with their weights.
 * What is missing in one alone is as far as can be; what neither has does not count.
 */
export function evidenceDistance(field: EvidenceField, one: unknown, other: unknown): number {
  if (isMissing(one) || isMissing(other)) return isMissing(one) && isMissing(other) ? 0 : 1
  const kind = kindOfValues(field, [one, other])
  return kind === 'object' ? objectDistance(field, one, other) : leafDistance(kind, field, one, other)
}

/** The distance of two values, none of which is missing, by a kind that both are of. */
export function leafDistance(
  kind: Exclude<EvidenceKind, 'object' | 'any'>,
  { scale }: EvidenceField,
  one: unknown,
  other: unknown,
): number {
  switch (kind) {
    case 'number':
      return numberDistance(one as number, other as number, scale)
    case 'text':
      return textDistance(one as string, other as string)
    case 'set':
      return setDistance(one as unknown[], other as unknown[])
    case 'sequence':
      return sequenceDistance(one as unknown[], other as unknown[])
    case 'category':
      return canonicalText(one) === canonicalText(other) ? 0 : 1
  }
}

/** What values are compared as: what their field says, where all of them are that; else what they are; else as they are. */
export function kindOfValues(field: EvidenceField, values: readonly unknown[]): Exclude<EvidenceKind, 'any'> {
  const { kind } = field
  if (kind !== 'any' && values.every((value) => isOfKind(kind, value))) return kind
  const [first = 'category', ...others] = new Set(values.map(kindOfValue))
  return others.length === 0 ? first : 'category'
}

/** The fields that any of the values has, each with how it is compared. */
export function fieldsOfValues(field: EvidenceField, values: readonly unknown[]): ReadonlyMap<string, EvidenceField> {
  const found = new Map<string, EvidenceField>()
  for (const [name, known] of Object.entries(field.fields ?? {})) {
    if (values.some((value) => ownField(value, name) !== undefined)) found.set(name, known)
  }
  for (const value of values) {
    for (const name of Object.keys(isFieldRecord(value) ? value : {})) {
      if (!found.has(name) && ownField(value, name) !== undefined) found.set(name, field.rest ?? ANY_FIELD)
    }
  }
  return found
}

/** True for a field that an answer leaves out. A model that has to fill every field in says null. */
export function isMissing(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

function objectDistance(field: EvidenceField, one: unknown, other: unknown): number {
  let sum = 0
  let weights = 0
  for (const [name, inner] of fieldsOfValues(field, [one, other])) {
    if (inner.weight === 0) continue
    sum += inner.weight * evidenceDistance(inner, ownField(one, name), ownField(other, name))
    weights += inner.weight
  }
  return weights === 0 ? 0 : Math.min(1, sum / weights)
}

function numberDistance(one: number, other: number, scale: number | undefined): number {
  if (one === other) return 0
  // Halves, so that the difference of two very large numbers is a number.
  const size = scale ?? Math.max(Math.abs(one), Math.abs(other))
  return Math.min(1, (Math.abs(one / 2 - other / 2) / size) * 2)
}

function isOfKind(kind: EvidenceKind, value: unknown): boolean {
  switch (kind) {
    case 'number':
      return typeof value === 'number' && Number.isFinite(value)
    case 'text':
      return typeof value === 'string'
    case 'set':
    case 'sequence':
      return Array.isArray(value)
    case 'object':
      return isFieldRecord(value)
    default:
      return true
  }
}

function kindOfValue(value: unknown): Exclude<EvidenceKind, 'any'> {
  if (Array.isArray(value)) return 'sequence'
  if (isFieldRecord(value)) return 'object'
  if (typeof value === 'number' && Number.isFinite(value)) return 'number'
  return typeof value === 'string' ? 'text' : 'category'
}
