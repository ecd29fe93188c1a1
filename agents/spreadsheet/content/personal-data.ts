/** Kinds of personal data a column can hold. The values themselves are never repeated. */
export type PersonalDataKind =
  | 'e-mail'
  | 'phone'
  | 'name'
  | 'birth date'
  | 'address'
  | 'bank account'
  | 'card'
  | 'national id'

const headers: readonly (readonly [PersonalDataKind, RegExp])[] = [
  ['e-mail', /\be-?mail\b/i],
  ['phone', /\b(?:tele)?phone\b|\bmobile\b|\btelefon\b|\bcell(?:phone)?\b/i],
  [
    'name',
    /\b(?:first|last|full|given|family|sur|middle|maiden|employee|customer|patient|student|contact)[ _-]?names?\b|\bsurname\b|\bvorname\b|\bnachname\b/i,
  ],
  ['birth date', /\b(?:birth|dob|date of birth|geburtsdatum|birthday|birthdate)\b/i],
  ['address', /\b(?:street|home address|postal address|mailing address|residence|strasse|straße)\b/i],
  ['bank account', /\biban\b|\bbank account\b/i],
  ['card', /\b(?:credit|debit)?[ _-]?card (?:no|number|nr)\b/i],
  ['national id', /\bssn\b|\bsocial security\b|\bpassport\b|\bnational id\b|\btax id\b/i],
]

/** The kind of personal data a column's header announces, if any. */
export function personalHeader(header: string): PersonalDataKind | null {
  const words = header.replace(/([a-z])([A-Z])/g, '$1 $2').replaceAll('_', ' ')
  return headers.find(([, shape]) => shape.test(words))?.[0] ?? null
}

/** The kind of personal data a text proves to be by its shape and, where there is one, its check digit. */
export function personalValue(text: string): PersonalDataKind | null {
  if (text.length < 9 || text.length > 42) return null
  if (/^\d{3}-\d{2}-\d{4}$/.test(text)) return 'national id'
  const compact = text.replace(/[\s-]/g, '')
  if (/^[A-Z]{2}\d{2}[A-Z\d]{11,30}$/.test(compact) && ibanRemainder(compact) === 1) return 'bank account'
  if (/^[3-6]\d{12,18}$/.test(compact) && passesLuhn(compact)) return 'card'
  return null
}

function ibanRemainder(iban: string): number {
  let remainder = 0
  for (const char of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(char, 36)
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
  }
  return remainder
}

function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at])
    const doubled = at % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}
