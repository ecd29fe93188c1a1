import { canonicalText } from './evidence-data.ts'

// Beyond so many comparisons order is not looked at any more.
const MOST_STEPS = 4_000_000

/** The Jaccard distance of two lists taken as sets: what they do not share, of all they have. Two empty ones are the same. */
export function setDistance(one: readonly unknown[], other: readonly unknown[]): number {
  const first = new Set(one.map(canonicalText))
  const second = new Set(other.map(canonicalText))
  let shared = 0
  for (const element of first) if (second.has(element)) shared++
  return jaccard(shared, first.size, second.size)
}

/**
 * The Jaccard distance of two lists in their order: what they share is their longest common subsequence. For lists of many
 * thousands that differ throughout, what they share is counted without regard to order.
 */
export function sequenceDistance(one: readonly unknown[], other: readonly unknown[]): number {
  const first = one.map(canonicalText)
  const second = other.map(canonicalText)
  const start = commonStart(first, second)
  const end = commonStart(first.slice(start).reverse(), second.slice(start).reverse())
  const left = first.slice(start, first.length - end)
  const right = second.slice(start, second.length - end)
  const within = left.length * right.length > MOST_STEPS ? sharedCount(left, right) : longestCommon(left, right)
  return jaccard(start + end + within, first.length, second.length)
}

function jaccard(shared: number, first: number, second: number): number {
  const all = first + second - shared
  return all === 0 ? 0 : 1 - shared / all
}

function commonStart(one: readonly string[], other: readonly string[]): number {
  let length = 0
  while (length < one.length && length < other.length && one[length] === other[length]) length++
  return length
}

function longestCommon(one: readonly string[], other: readonly string[]): number {
  let before = new Uint32Array(other.length + 1)
  for (const element of one) {
    const row = new Uint32Array(other.length + 1)
    for (let index = 0; index < other.length; index++) {
      row[index + 1] =
        element === other[index]
          ? (before[index] as number) + 1
          : Math.max(before[index + 1] as number, row[index] as number)
    }
    before = row
  }
  return before[other.length] as number
}

function sharedCount(one: readonly string[], other: readonly string[]): number {
  const counts = new Map<string, number>()
  for (const element of one) counts.set(element, (counts.get(element) ?? 0) + 1)
  let shared = 0
  for (const element of other) {
    const left = counts.get(element) ?? 0
    if (left === 0) continue
    shared++
    counts.set(element, left - 1)
  }
  return shared
}
