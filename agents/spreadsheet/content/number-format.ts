/** What a number format says its numbers are. */
export type NumberFormatKind = 'general' | 'number' | 'date' | 'time' | 'currency' | 'percentage' | 'text'

const currencySign =
  /[$€£¥₹₩₽₺₴₪₫฿]|\b(?:USD|EUR|GBP|CHF|JPY|CNY|SEK|NOK|DKK|PLN|CZK|HUF|AUD|CAD|INR|BRL|MXN|ZAR)\b|\bkr\b|\bDM\b/i

/** Classifies a number format code; only its first section counts, since the others dress up signs and zero. */
export function numberFormatKind(format: string | undefined): NumberFormatKind {
  if (format === undefined) return 'general'
  const { codes, literals } = firstSection(format)
  const plain = codes.toLowerCase()
  if (plain === '' && literals === '') return 'general'
  if (plain.trim() === 'general' || plain.trim() === 'standard')
    return currencySign.test(literals) ? 'currency' : 'general'
  if (plain.includes('@')) return 'text'
  if (plain.includes('%')) return 'percentage'
  if (/[yd]/.test(plain) || (plain.includes('m') && !/[hs]/.test(plain))) return 'date'
  if (/[hs]/.test(plain)) return 'time'
  if (currencySign.test(literals)) return 'currency'
  return 'number'
}

/**
 * Separates the letters that command from those that only decorate. Quoted text, escaped characters, padding (`_x`)
 * and fill (`*x`) are decoration, and so are colours and conditions in brackets, but not elapsed time (`[h]`).
 */
function firstSection(format: string): { codes: string; literals: string } {
  let codes = ''
  let literals = ''
  for (let at = 0; at < format.length; at++) {
    const char = format[at] as string
    if (char === ';') break
    if (char === '"') {
      const end = format.indexOf('"', at + 1)
      const stop = end === -1 ? format.length : end
      literals += ` ${format.slice(at + 1, stop)} `
      at = stop
    } else if (char === '\\') {
      at++
      literals += format[at] ?? ''
    } else if (char === '_' || char === '*') {
      at++
    } else if (char === '[') {
      const end = format.indexOf(']', at + 1)
      const stop = end === -1 ? format.length : end
      const inside = format.slice(at + 1, stop)
      if (/^(?:h+|m+|s+)$/i.test(inside)) codes += inside
      else if (inside.startsWith('$')) literals += ` ${inside.slice(1).split('-')[0] ?? ''} `
      at = stop
    } else if (/[$€£¥₹₩₽₺₴₪₫฿]/.test(char)) {
      literals += char
    } else {
      codes += char
    }
  }
  return { codes, literals }
}
