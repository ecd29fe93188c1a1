/** The names that the one given may be a slip of, none closer than another: case and separators do not count. */
export function closeNames(wanted: unknown, names: readonly string[]): readonly string[] {
  // Code without types may want anything.
  const plain = plainName(String(wanted))
  const most = Math.min(2, Math.floor(plain.length / 3))
  const distances = names.map((name) => distanceOf(plain, plainName(name), most))
  const least = Math.min(most, ...distances)
  return names.filter((_, index) => distances[index] === least).slice(0, 3)
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '')
}

// One that the other begins with counts as one slip, however much is missing: 'sheet' is meant by 'sheets'.
function distanceOf(a: string, b: string, most: number): number {
  if (a === b) return 0
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  if (short.length >= 3 && long.startsWith(short)) return 1
  return long.length - short.length > most ? Number.POSITIVE_INFINITY : editsBetween(short, long)
}

// Damerau's distance: an insertion, a deletion, another letter, or two letters the wrong way round each count one.
function editsBetween(a: string, b: string): number {
  let older: readonly number[] = []
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = cell(row, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const turned = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? cell(older, j - 2) + 1 : Number.POSITIVE_INFINITY
      next.push(Math.min(swap, turned, cell(row, j) + 1, cell(next, j - 1) + 1))
    }
    older = row
    row = next
  }
  return cell(row, b.length)
}

function cell(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
