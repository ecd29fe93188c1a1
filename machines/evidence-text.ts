/**
 * The trigram cosine distance of two texts. Case, width and white space do not count: 'Total  due' is 'total due'. Texts with
 * nothing in them are the same.
 */
export function textDistance(one: string, other: string): number {
  const first = plainText(one)
  const second = plainText(other)
  if (first === second) return 0
  if (first === '' || second === '') return 1
  const left = trigramsOf(first)
  const right = trigramsOf(second)
  let shared = 0
  for (const [trigram, count] of left) shared += count * (right.get(trigram) ?? 0)
  const cosine = shared / Math.sqrt(squareOf(left) * squareOf(right))
  // Rounding may leave a trace beyond the bounds.
  return Math.min(1, Math.max(0, 1 - cosine))
}

function plainText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim()
}

function trigramsOf(text: string): Map<string, number> {
  const padded = `  ${text} `
  const counts = new Map<string, number>()
  for (let index = 0; index + 3 <= padded.length; index++) {
    const trigram = padded.slice(index, index + 3)
    counts.set(trigram, (counts.get(trigram) ?? 0) + 1)
  }
  return counts
}

function squareOf(counts: ReadonlyMap<string, number>): number {
  let sum = 0
  for (const count of counts.values()) sum += count * count
  return sum
}
