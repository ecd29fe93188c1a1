const longestSample = 20_000
const leastWords = 5
const quotedField = /^\s*"|[,;\t|]\s*"[^"]*"\s*(?:[,;\t|]|$)/
const numberFirst = /^\s*[-+]?\d[\d.,/:-]*\s*(?:[,;\t|]|$)/
const sentenceEnd = /[\p{Ll}\p{Lo})"'][.!?…]["')]*(?=\s+\p{Lu}|\s*$)/gmu

/**
 * Whether a text is prose and no table: no separator cuts nine in ten of its lines alike, no field is quoted, no line
 * begins with a number for its first field, and its lines read as sentences. A list of names, one a line, is a table of one column.
 */
export function isProse(text: string, separators: readonly string[]): boolean {
  const sample = text.slice(0, longestSample)
  const lines = sample.split(/\r\n|[\r\n]/).filter((line) => line.trim() !== '')
  if (lines.length > 1 && separators.some((separator) => cutsAlike(lines, separator))) return false
  if (lines.some((line) => quotedField.test(line) || numberFirst.test(line))) return false
  const words = lines.reduce((sum, line) => sum + line.trim().split(/\s+/).length, 0)
  const sentences = sample.match(sentenceEnd)?.length ?? 0
  return sentences > 0 && sentences * 3 >= lines.length && words >= leastWords * lines.length
}

function cutsAlike(lines: readonly string[], separator: string): boolean {
  const counts = new Map<number, number>()
  for (const line of lines) {
    const fields = line.split(separator).length
    if (fields > 1) counts.set(fields, (counts.get(fields) ?? 0) + 1)
  }
  return Math.max(0, ...counts.values()) * 10 >= lines.length * 9
}
