const longest = 40

/**
 * Reads a text as the number a person would see in it, or gives null. Takes thousands groups, decimal comma or point,
 * currency signs, percent, accounting brackets and a trailing minus. Text that is a code rather than an amount
 * (leading zeros, more than fifteen digits, letters) is not a number.
 */
export function numericText(text: string): number | null {
  if (text.length === 0 || text.length > longest) return null
  let rest = text.replace(/[\u00a0\u2007\u202f\s]+/g, ' ').trim()
  if (!/\d/.test(rest)) return null
  let sign = 1
  const bracketed = /^\((.+)\)$/.exec(rest)
  if (bracketed) {
    sign = -1
    rest = bracketed[1] as string
  }
  rest = rest.replace(/^[$€£¥]\s?|\s?[$€£¥]$/, '')
  const percent = rest.endsWith('%')
  if (percent) rest = rest.slice(0, -1).trimEnd()
  if (/^[-+\u2212]/.test(rest)) {
    if (rest[0] !== '+') sign = -sign
    rest = rest.slice(1).trimStart()
  } else if (/\d[-\u2212]$/.test(rest)) {
    sign = -sign
    rest = rest.slice(0, -1)
  }
  rest = rest.replace(/^[$€£¥]\s?/, '')
  const digits = plainDigits(rest)
  if (digits === null || digits.replace(/\D/g, '').length > 15) return null
  const value = Number(digits) * sign
  return percent ? value / 100 : value
}

function plainDigits(text: string): string | null {
  if (/^(?:0|[1-9]\d*)?(?:\.\d+)?$/.test(text)) return text
  if (/^(?:0|[1-9]\d*)\.$/.test(text)) return text.slice(0, -1)
  if (/^[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/.test(text)) return text.replaceAll(',', '')
  if (/^[1-9]\d{0,2}(?:[ '’]\d{3})+(?:[.,]\d+)?$/.test(text)) return text.replace(/[ '’]/g, '').replace(',', '.')
  if (/^[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)$/.test(text) || /^[1-9]\d{0,2}(?:\.\d{3}){2,}$/.test(text)) {
    return text.replaceAll('.', '').replace(',', '.')
  }
  if (/^(?:0|[1-9]\d*),\d{1,2}$/.test(text)) return text.replace(',', '.')
  if (/^(?:0|[1-9]\d*)(?:\.\d+)?[eE][-+]?\d{1,3}$/.test(text)) return text
  return null
}
