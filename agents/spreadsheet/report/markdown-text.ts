const invisible = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu
const unseen = /[\p{Default_Ignorable_Code_Point}\p{Z}\p{C}\u2800]/gu
const special = /[\\`*_[\]|~$]/g

/**
 * A text of unknown origin as it can stand inside a sentence, a list or a table of Markdown: one line, no markup, no
 * HTML, no link, no letters that turn the direction of writing. A text of which nothing can be seen is told by its codes.
 */
export function markdownText(text: string): string {
  return (text !== '' && text.replace(unseen, '') === '' ? codePoints(text) : oneLine(text))
    .replace(special, '\\$&')
    .replace(/&(?=#?\w+;)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/:(?=\/\/)/g, '\\:')
    .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}\\.`)
    .replace(/^([#+\-=!])/, '\\$1')
    .replace(/^(\d+)([.)])/, '$1\\$2')
}

/** A sentence in which the formulas it is about stand as code. */
export function markdownSentence(text: string, formulas: readonly string[] = []): string {
  const known = [...new Set(formulas)].filter((formula) => formula.length > 1).sort((a, b) => b.length - a.length)
  for (const formula of known) {
    const at = text.indexOf(formula)
    if (at < 0) continue
    const before = markdownSentence(text.slice(0, at), known)
    const after = markdownSentence(text.slice(at + formula.length), known)
    const gap = (part: string, edge: string) => (/\s$|^\s/.test(edge) && part !== '' ? ' ' : '')
    const left = text.slice(0, at)
    const right = text.slice(at + formula.length)
    return before + gap(before, left.slice(-1)) + markdownCode(formula) + gap(after, right.slice(0, 1)) + after
  }
  return text.trim() === '' ? '' : markdownText(text)
}

/** A text as code; the fence is longer than any run of backticks inside. Pipes are escaped for use in tables. */
export function markdownCode(text: string): string {
  const line = oneLine(text).replaceAll('|', '\\|')
  if (line === '') return ''
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return longest > 0 ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`
}

/** A number with its thousands apart: 12,345. */
export function groupedNumber(value: number): string {
  const [whole = '', fraction] = String(value).split('.')
  if (whole.includes('e')) return String(value)
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** `(U+202E U+2066)`, at most a handful. */
function codePoints(text: string): string {
  const codes = Array.from(text.slice(0, 16))
    .slice(0, 4)
    .map((each) => {
      const code = each.codePointAt(0) ?? 0
      return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
    })
  return `(${codes.join(' ')})`
}

function oneLine(text: string): string {
  return text.replace(invisible, ' ').replace(/\s+/g, ' ').trim()
}
