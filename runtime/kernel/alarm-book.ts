import type { Address } from '../protocol/address.ts'
import type { Kernel } from './kernel.ts'
import type { Timer } from './timer-wheel.ts'

/** When actors that rest have to be back, one time for each. */
export interface AlarmBook {
  /** Brings the actor back at the time, in place of any time noted before. */
  note(address: Address, due: number): void
  /** The actor is back, or gone. */
  strike(address: Address): void
}

/** Makes an empty book. */
export function createAlarmBook(kernel: Kernel, bringBack: (address: Address) => void): AlarmBook {
  const alarms = new Map<Address, Timer>()

  function strike(address: Address): void {
    const alarm = alarms.get(address)
    if (!alarm) return
    kernel.wheel.cancel(alarm)
    alarms.delete(address)
  }

  return {
    note(address, due) {
      strike(address)
      const ring = (): void => {
        alarms.delete(address)
        bringBack(address)
      }
      alarms.set(address, kernel.wheel.set(due, ring))
    },
    strike,
  }
}
