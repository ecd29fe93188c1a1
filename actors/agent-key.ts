import { createHash } from 'node:crypto'

const LONGEST = 200

/** A name made of names: the same for the same ones, and short enough for a key. */
export function agentKey(...names: readonly (string | number)[]): string {
  const key = names.join('.')
  return key.length <= LONGEST ? key : `${key.slice(0, 40)}.${createHash('sha256').update(key).digest('hex')}`
}
