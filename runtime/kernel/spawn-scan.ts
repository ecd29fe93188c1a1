/**
 * Finds, in the source of an assigner or a context factory, the use of the spawner that XState hands it. The spawner comes
 * as a field of the first parameter, so its name must be written: as a key of a destructured parameter, or after the
 * parameter's name. A field, a text or another function's parameter of that name is no use. What gets past this is found
 * in the first step that spawns, which then fails before its commit.
 */

/** True when the function takes `spawn` from its first parameter. */
export function usesSpawner(code: unknown): boolean {
  if (typeof code !== 'function') return false
  const source = bare(Function.prototype.toString.call(code))
  const own = functionsIn(source)[0]
  return own !== undefined && takesSpawn(own)
}

/** True when a function that enqueues actions hands `assign` a function that takes `spawn`. */
export function enqueuesSpawner(code: unknown): boolean {
  if (typeof code !== 'function') return false
  const source = bare(Function.prototype.toString.call(code))
  for (const { index } of source.matchAll(/\bassign\s*\(/g)) {
    const open = source.indexOf('(', index)
    const inside = source.slice(open + 1, closing(source, open))
    if (functionsIn(inside).some((found) => found.depth <= 1 && takesSpawn(found))) return true
  }
  return false
}

interface FoundFunction {
  /** The first parameter as written. */
  readonly parameter: string
  /** What follows the parameters, to the end of the source. */
  readonly body: string
  /** How many brackets stand around it. */
  readonly depth: number
}

const NOISE = /\/\*[^]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g

/** The source without comments and texts, but for the one text that matters. */
function bare(source: string): string {
  return source.replace(NOISE, (noise) => (/^['"`]spawn['"`]$/.test(noise) ? "'spawn'" : ' '))
}

function functionsIn(source: string): FoundFunction[] {
  const found: FoundFunction[] = []
  let depth = 0
  for (let index = 0; index < source.length; index++) {
    const character = source[index] as string
    if (character === '(') {
      const end = closing(source, index)
      const body = source.slice(end + 1)
      if (/^\s*(?:=>|\{)/.test(body)) {
        found.push({ parameter: parts(source.slice(index + 1, end))[0] ?? '', body, depth })
      }
    }
    if (character === '=' && source[index + 1] === '>') {
      const name = /(?:^|[^\w$.)\s])\s*(?:async\s+)?([\w$]+)\s*$/.exec(source.slice(0, index))?.[1]
      if (name) found.push({ parameter: name, body: source.slice(index + 2), depth })
    }
    if ('([{'.includes(character)) depth++
    else if (')]}'.includes(character)) depth--
  }
  return found
}

function takesSpawn({ parameter, body }: FoundFunction): boolean {
  const text = parameter.trim()
  if (!text.startsWith('{')) return reads(/^[\w$]+/.exec(text)?.[0], body)
  return parts(text.slice(1, closing(text, 0))).some((part) => {
    const key = part.trim()
    if (key.startsWith('...')) return reads(key.slice(3).trim(), body)
    return /^(?:spawn|'spawn')\s*(?:[:=]|$)/.test(key)
  })
}

/** True when the body takes `spawn` from the variable. */
function reads(name: string | undefined, body: string): boolean {
  if (!name) return false
  const variable = `(?<![\\w$.])${name.replaceAll('$', '\\$')}`
  const member = new RegExp(
    `${variable}\\s*(?:\\?\\.|\\.)\\s*spawn(?![\\w$])|${variable}\\s*(?:\\?\\.)?\\s*\\[\\s*'spawn'`,
  )
  const pattern = new RegExp(`\\{[^{}]*(?<![\\w$.])spawn(?![\\w$])[^{}]*\\}\\s*=\\s*${variable}(?![\\w$.])`)
  return member.test(body) || pattern.test(body)
}

/** The index of the bracket that closes the one at `open`, or the end. */
function closing(source: string, open: number): number {
  let depth = 0
  for (let index = open; index < source.length; index++) {
    const character = source[index] as string
    if ('([{'.includes(character)) depth++
    else if (')]}'.includes(character) && --depth === 0) return index
  }
  return source.length
}

/** What stands between the commas of the outermost level. */
function parts(source: string): string[] {
  const found: string[] = []
  let depth = 0
  let start = 0
  for (let index = 0; index < source.length; index++) {
    const character = source[index] as string
    if ('([{'.includes(character)) depth++
    else if (')]}'.includes(character)) depth--
    else if (character === ',' && depth === 0) {
      found.push(source.slice(start, index))
      start = index + 1
    }
  }
  return [...found, source.slice(start)]
}
