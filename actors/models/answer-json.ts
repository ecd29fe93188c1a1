/** The JSON of an answer, or why there is none. */
export type AnswerJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string }

const MAX_SEARCHES = 16

/** The JSON that a text answer holds: the whole of it, a fenced block, or the longest object or list in prose. */
export function answerJson(answer: string): AnswerJson {
  const text = answer.trim()
  if (text === '') return { ok: false, problem: 'the answer is empty' }
  const whole = parsed(text)
  if (whole.ok) return whole
  // Between two fences stands a language and, from the next line on, the block.
  const fenced = text.split('```').filter((_part, at) => at % 2 === 1)
  return longest(fenced.map((part) => part.slice(part.indexOf('\n') + 1))) ?? longest(bracketed(text)) ?? whole
}

function longest(candidates: readonly string[]): AnswerJson | null {
  const ordered = [...candidates].sort((one, other) => other.length - one.length)
  for (const candidate of ordered) {
    const result = parsed(candidate)
    if (result.ok) return result
  }
  return null
}

function parsed(text: string): AnswerJson {
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch (cause) {
    return { ok: false, problem: `the answer is not JSON: ${(cause as Error).message}` }
  }
}

// Everything from an opening bracket to the one that closes it. A bracket of the prose that is never closed hides what
// comes after it: then the search begins again behind it, a bounded number of times.
function bracketed(text: string): string[] {
  const found: string[] = []
  let from = 0
  for (let attempt = 0; attempt < MAX_SEARCHES && from < text.length; attempt++) {
    const unclosed = search(text, from, found)
    if (unclosed === null) break
    from = unclosed + 1
  }
  return found
}

function search(text: string, from: number, found: string[]): number | null {
  let depth = 0
  let start = 0
  let inString = false
  for (let at = from; at < text.length; at++) {
    const sign = text[at]
    if (inString) {
      if (sign === '\\') at++
      else if (sign === '"') inString = false
    } else if (sign === '"') inString = depth > 0
    else if (sign === '{' || sign === '[') {
      if (depth++ === 0) start = at
    } else if ((sign === '}' || sign === ']') && depth > 0 && --depth === 0) found.push(text.slice(start, at + 1))
  }
  return depth === 0 ? null : start
}
