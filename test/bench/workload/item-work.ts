import { deepStrictEqual } from 'node:assert/strict'

/** The items of one fan-out. */
export const ITEMS: readonly number[] = Array.from({ length: 100 }, (_, index) => index)

/** What is done to each item. */
export async function itemWork(item: number): Promise<number> {
  return item * 2
}

/** Joins what came of the items. */
export function joinItems(doubled: readonly number[]): number {
  return doubled.reduce((sum, value) => sum + value, 0)
}

/** Fails unless the joined result of all items is right. */
export function checkJoined(total: unknown): void {
  deepStrictEqual(total, 9900, 'Doubling the numbers 0 to 99 and adding them up must give 9900.')
}
