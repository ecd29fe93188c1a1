import type { Address } from '../protocol/address.ts'
import type { MessageEvent } from '../protocol/contract.ts'
import type { Cell, EventListener } from './cell.ts'
import type { Kernel } from './kernel.ts'
import { unknownActor } from './route.ts'

/** Hears what an actor emits. A listener that throws is cut off from nothing but its own event. Throws NOT_FOUND. */
export function listenTo(
  kernel: Kernel,
  address: Address,
  type: string,
  listener: (event: MessageEvent) => void,
): () => void {
  const hear = (event: MessageEvent): void => {
    const failed = (error: unknown): void => kernel.deadLetters.add({ to: address, from: address, event, error })
    try {
      const outcome: unknown = listener(event)
      if (outcome instanceof Promise) outcome.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
  const entry: EventListener = { type, hear }
  const cell = kernel.registry.cells.get(address)
  if (cell) return attach(cell, entry)
  const { store } = kernel
  if (store?.isHome(address)) {
    let close = (): void => {}
    let open = true
    store.reach(address, (found, error) => {
      if (found && open) close = attach(found, entry)
      else if (open) failedToListen(kernel, address, error ?? unknownActor(address))
    })
    return () => {
      open = false
      close()
    }
  }
  if (!kernel.remote) throw unknownActor(address)
  let open = true
  let close: (() => void) | undefined
  kernel.remote.listen(address, type, hear).then(
    (stop) => {
      if (open) close = stop
      else stop()
    },
    (error: unknown) => failedToListen(kernel, address, error),
  )
  return () => {
    open = false
    close?.()
  }
}

function attach(cell: Cell, entry: EventListener): () => void {
  ;(cell.listeners ??= new Set()).add(entry)
  return () => cell.listeners?.delete(entry)
}

function failedToListen(kernel: Kernel, address: Address, error: unknown): void {
  kernel.deadLetters.add({ to: address, from: address, event: { type: 'troupe.listen' }, error })
}
