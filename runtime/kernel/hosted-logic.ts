import type { AnyActorLogic, AnyStateMachine } from 'xstate'
import { machineStamp } from '../persistence/machine-stamp.ts'
import { TroupeError } from '../protocol/errors.ts'
import type { MachineStamp } from '../protocol/record.ts'
import { type ChartTable, chartTable } from './chart-table.ts'
import { checkMachine } from './definition-check.ts'
import { leafLogic } from './leaf-logic.ts'
import { standIn, standsFor } from './stand-in.ts'

/**
 * Logic made ready for the kernel. A machine is copied with its actors replaced by inert stand-ins, so that a step never
 * constructs, let alone starts, the real child: the kernel hosts that itself, after the commit.
 */
export interface HostedLogic {
  /** The name in addresses and records: the definition's type, or `parent--src` for a child that has none. */
  readonly type: string
  /** What the author wrote; children are recognised by it. */
  readonly source: AnyActorLogic
  /** What the kernel steps. */
  readonly logic: AnyActorLogic
  readonly machine: AnyStateMachine | null
  /** The machine as tables; null where XState has to interpret it. Made for the first step. */
  readonly chart: ChartTable | null
  /** Hosted logic of children without a definition of their own, by their source. */
  readonly children: Map<AnyActorLogic, HostedLogic>
  /** What its records are marked with. Made when the first is written. */
  readonly stamp: MachineStamp
}

// An `always` loop would hang the whole node; no honest chart needs more steps than this for one event.
const MAX_ITERATIONS = 1_000

/** Makes logic ready. Throws INVALID_MESSAGE for what cannot be hosted. */
export function hostLogic(source: AnyActorLogic, type: string, version: string): HostedLogic {
  if (!isLogic(source)) {
    throw new TroupeError('INVALID_MESSAGE', `the logic of '${type}' is not XState actor logic`, {
      where: `${type}.logic`,
      hint: 'give a machine, fromTransition, fromPromise, fromCallback, fromObservable or fromTask',
    })
  }
  if (!isMachine(source)) {
    const logic = isLeaf(source) ? leafLogic(source) : source
    return hosted(type, version, { source, logic, machine: null })
  }
  const machine = source
  checkMachine(machine, type)
  const copy = machine.provide({ actors: standIns(machine) })
  if (copy.options.maxIterations === Infinity) copy.options.maxIterations = MAX_ITERATIONS
  return hosted(type, version, { source, logic: copy, machine: copy })
}

function hosted(type: string, version: string, logic: Pick<HostedLogic, 'source' | 'logic' | 'machine'>): HostedLogic {
  let stamp: MachineStamp | undefined
  let chart: ChartTable | null | undefined
  return {
    type,
    ...logic,
    children: new Map(),
    get chart() {
      if (chart === undefined) chart = logic.machine && chartTable(logic.machine)
      return chart
    },
    get stamp() {
      return (stamp ??= machineStamp(logic.source, type, version))
    },
  }
}

/** What stands for the logic of an actor that has ended. Its records stay as they were. */
export function endedLogic(type: string, stamp: MachineStamp): HostedLogic {
  const logic = standIn(leafLogic as never)
  return { type, source: logic, logic, machine: null, chart: null, children: new Map(), stamp }
}

/** True for a state machine. */
function isMachine(logic: AnyActorLogic): logic is AnyStateMachine {
  return '__xstatenode' in logic
}

/** True for logic that works on its own once started: a promise, a callback, an observable. */
export function isLeaf(logic: AnyActorLogic): boolean {
  return !isMachine(logic) && typeof (logic as { start?: unknown }).start === 'function'
}

/** The author's logic behind a stand-in, or the logic itself. */
export function realLogic(logic: AnyActorLogic): AnyActorLogic {
  return standsFor(logic) ?? logic
}

function standIns(machine: AnyStateMachine): Record<string, AnyActorLogic> {
  const actors = machine.implementations.actors as Record<string, AnyActorLogic>
  return Object.fromEntries(Object.entries(actors).map(([name, logic]) => [name, standIn(logic)]))
}

function isLogic(value: unknown): value is AnyActorLogic {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as AnyActorLogic).transition === 'function' &&
    typeof (value as AnyActorLogic).getInitialSnapshot === 'function'
  )
}
