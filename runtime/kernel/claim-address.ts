import type { Cell } from './cell.ts'
import type { Kernel } from './kernel.ts'

/** Tells the realm where an actor lives that takes messages of its own. What keeps it from that is reported. */
export function claimAddress(kernel: Kernel, { address, definition, ended, parent }: Cell): void {
  if (!definition || ended) return
  kernel.remote?.claim(address).catch((error: unknown) => {
    const from = parent?.address ?? address
    kernel.deadLetters.add({ to: address, from, event: { type: 'troupe.claim' }, error })
  })
}
