/** A semantic version, taken apart. */
export interface ToolVersion {
  readonly numbers: readonly [number, number, number]
  /** What follows the `-`, by its dots; empty for a release. */
  readonly prerelease: readonly string[]
}

const SHAPE = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/
const NUMBER = /^(?:0|[1-9]\d*)$/

/** A version such as `1.4.0` or `2.0.0-rc.1`; null for what is none. */
export function toolVersion(text: unknown): ToolVersion | null {
  const match = typeof text === 'string' ? SHAPE.exec(text) : null
  if (!match) return null
  const prerelease = match[4] === undefined ? [] : match[4].split('.')
  return { numbers: [Number(match[1]), Number(match[2]), Number(match[3])], prerelease }
}

/** Below zero when the first is older, above when it is newer; a release is newer than what came before it. */
export function compareVersions(one: ToolVersion, other: ToolVersion): number {
  for (const [index, number] of one.numbers.entries()) {
    const difference = number - (other.numbers[index] ?? 0)
    if (difference !== 0) return difference
  }
  const [a, b] = [one.prerelease, other.prerelease]
  if (a.length === 0 || b.length === 0) return b.length - a.length
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = comparePart(a[index], b[index])
    if (difference !== 0) return difference
  }
  return 0
}

// Numbers count as numbers and are older than words; who says more is newer.
function comparePart(one: string | undefined, other: string | undefined): number {
  if (one === other) return 0
  if (one === undefined || other === undefined) return one === undefined ? -1 : 1
  const [isNumber, isOtherNumber] = [NUMBER.test(one), NUMBER.test(other)]
  if (isNumber && isOtherNumber) return Number(one) - Number(other)
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1
  return one < other ? -1 : 1
}
