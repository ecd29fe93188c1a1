import type { Random } from '../ports/random.ts'
import type { SimulationReport } from './simulation-report.ts'
import type { FaultKind, SimulationFaults } from './simulation-faults.ts'

/** Decides by its seed what goes wrong, and writes it down. */
export interface FaultPlan {
  /** True when the fault is to happen now, to what is named. */
  strikes(fault: FaultKind, node: string, what: string): boolean
  /** A whole number from 1 to the limit. */
  draw(limit: number): number
  /** Nothing goes wrong from here on. */
  end(): void
}

// Some seeds spare some kinds altogether: what only shows when another fault does not hide it must show as well.
const SPARED = 0.25

/** Makes the plan of one world. */
export function createFaultPlan(random: Random, faults: SimulationFaults, report: SimulationReport): FaultPlan {
  const kinds = Object.entries(faults) as [FaultKind, number][]
  const chances = new Map(kinds.map(([kind, chance]) => [kind, random.next() < SPARED ? 0 : chance]))
  let over = false
  return {
    strikes(fault, node, what) {
      const chance = chances.get(fault) ?? 0
      if (over || chance === 0 || random.next() >= chance) return false
      report.note(fault, node, what)
      return true
    },
    draw: (limit) => 1 + Math.floor(random.next() * limit),
    end() {
      over = true
    },
  }
}
