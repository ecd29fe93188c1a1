import type { Address } from './address.ts'

/** The id of one effect: the same transition asks for it under the same id after a restart. */
export function effectId(address: Address, commit: number, index: number): string {
  return `${address}:${commit}:${index}`
}
