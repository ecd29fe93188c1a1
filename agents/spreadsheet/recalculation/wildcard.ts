// One place of a pattern is a single character or one of these.
const anyCharacter = 'any character'
const anyRun = 'any run'

const piecesOf = (text: string): string[] => {
  const pieces: string[] = []
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '~' && /[*?~]/.test(text.charAt(at + 1))) {
      at += 1
      pieces.push(text.charAt(at))
    } else if (character === '*') {
      if (pieces.at(-1) !== anyRun) pieces.push(anyRun)
    } else {
      pieces.push(character === '?' ? anyCharacter : character.toLowerCase())
    }
  }
  return pieces
}

/**
 * A test for whole texts by a pattern with `*`, `?` and `~` before a literal one, case aside; null when the text has
 * none of them. Only the last run is ever tried again, so no pattern takes more than length times length steps.
 */
export const wildcard = (text: string): ((value: string) => boolean) | null => {
  if (!/[*?~]/.test(text)) return null
  const pieces = piecesOf(text)
  return (value) => matches(pieces, value.toLowerCase())
}

const matches = (pieces: readonly string[], value: string): boolean => {
  let piece = 0
  let at = 0
  let runPiece = -1
  let runAt = 0
  while (at < value.length) {
    const current = pieces[piece]
    if (current === anyRun) {
      runPiece = piece
      runAt = at
      piece += 1
    } else if (current === anyCharacter || current === value.charAt(at)) {
      piece += 1
      at += 1
    } else if (runPiece >= 0) {
      runAt += 1
      at = runAt
      piece = runPiece + 1
    } else {
      return false
    }
  }
  while (pieces[piece] === anyRun) piece += 1
  return piece === pieces.length
}

/** Where a pattern first begins in a text at or after `start`, or -1. */
export const findWildcard = (pattern: string, value: string, start: number): number => {
  const lower = value.toLowerCase()
  if (!/[*?~]/.test(pattern)) return lower.indexOf(pattern.toLowerCase(), start)
  const pieces = piecesOf(pattern)
  const run = pieces.indexOf(anyRun)
  const head = run < 0 ? pieces : pieces.slice(0, run)
  for (let at = start; at + head.length <= value.length; at += 1) {
    if (!head.every((piece, offset) => piece === anyCharacter || piece === lower.charAt(at + offset))) continue
    // What does not follow the first head follows no later one.
    const rest = lower.slice(at + head.length)
    return run < 0 || matches([...pieces.slice(run), anyRun], rest) ? at : -1
  }
  return -1
}

/** The steps, in cells read, that testing a text by a pattern may take. */
export const wildcardCost = (pattern: string, value: string): number => (value.length * pattern.length) >>> 4
