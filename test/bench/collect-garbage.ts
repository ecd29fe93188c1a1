/** Collects garbage now: a round pays for no other's rubbish. */
export function collectGarbage(): void {
  if (globalThis.gc === undefined)
    throw new Error('Garbage cannot be collected on demand. Start Node with --expose-gc.')
  globalThis.gc()
}
