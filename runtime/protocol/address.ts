import { TroupeError } from './errors.ts'

declare const ADDRESS: unique symbol

/** Where an actor is reached: `realm/type/key`, a plain string to store, send and log. The key may hold any text. */
export type Address = string & { readonly [ADDRESS]: true }

/** The parts of an address. */
export interface AddressParts {
  readonly realm: string
  readonly type: string
  readonly key: string
}

/** The longest key there is, in UTF-16 units; a key is a name, not a payload. */
const MAX_KEY = 512
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/

/** True for what may name a realm or an actor type: a letter, then up to 63 letters, digits, `_` and `-`. */
export function isName(text: string): boolean {
  return NAME.test(text)
}

/** Makes an address. Throws INVALID_MESSAGE, naming the part at fault. */
export function address(realm: string, type: string, key: string): Address {
  if (!isName(realm)) throw partError('realm', realm)
  if (!isName(type)) throw partError('type', type)
  assertKey(key)
  return `${realm}/${type}/${key}` as Address
}

/** Throws INVALID_MESSAGE unless the text can be the key of an actor. */
function assertKey(key: string): void {
  if (typeof key === 'string' && key.length > 0 && key.length <= MAX_KEY && key.isWellFormed()) return
  throw new TroupeError('INVALID_MESSAGE', `an actor's key is a text of 1 to ${MAX_KEY} characters`, {
    where: 'key',
    hint: keyFault(key),
  })
}

/** The parts of an address. Throws INVALID_MESSAGE for a text that is none. */
export function parseAddress(text: string): AddressParts {
  const first = text.indexOf('/')
  const second = text.indexOf('/', first + 1)
  if (first < 1 || second < 0) {
    throw new TroupeError('INVALID_MESSAGE', `'${text}' is not an address`, { hint: "write it as 'realm/type/key'" })
  }
  const parts = { realm: text.slice(0, first), type: text.slice(first + 1, second), key: text.slice(second + 1) }
  address(parts.realm, parts.type, parts.key)
  return parts
}

function keyFault(key: unknown): string {
  if (typeof key !== 'string') return `this one is a ${typeof key}`
  return key.isWellFormed()
    ? `this one has ${key.length}`
    : 'this one has half of a surrogate pair, which no wire carries'
}

function partError(part: string, value: unknown): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `'${String(value)}' cannot name a ${part}`, {
    where: part,
    hint: 'use a letter, then up to 63 letters, digits, _ and -',
  })
}
