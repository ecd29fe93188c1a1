import type { MessageEvent } from '../protocol/contract.ts'
import type { Cell } from './cell.ts'
import type { AnySnapshot } from './step.ts'

/**
 * What a machine or a leaf sees as `self` and `_parent`: enough of XState's ActorRef to send, to read the state and to
 * be recognised as a target. Keep none in context: an address is what survives.
 */
export interface SelfRef {
  readonly id: string
  readonly sessionId: string
  readonly ref: SelfRef
  readonly system: object
  readonly _parent: SelfRef | undefined
  send(event: MessageEvent): void
  getSnapshot(): AnySnapshot
}

/** What a self ref needs of the kernel. */
export interface SelfHost {
  readonly system: object
  readonly sendToSelf: (cell: Cell, event: MessageEvent) => void
}

const CELL = Symbol('troupe.cell')
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** Gives each cell its one self ref. */
export function createSelfRefs(host: SelfHost): (cell: Cell) => SelfRef {
  const prototype = {
    get id() {
      const cell = cellBehind(this)
      return cell.childId ?? cell.address
    },
    get sessionId() {
      return cellBehind(this).address
    },
    get ref() {
      return this
    },
    get system() {
      return host.system
    },
    get _parent() {
      const { parent } = cellBehind(this)
      return parent ? selfOf(parent) : undefined
    },
    send(event: MessageEvent) {
      host.sendToSelf(cellBehind(this), event)
    },
    getSnapshot() {
      return cellBehind(this).snapshot
    },
    // A log that prints an actor names it, and does not spill the kernel behind it.
    [INSPECT]() {
      return `actor ${cellBehind(this).address}`
    },
  }
  function selfOf(cell: Cell): SelfRef {
    if (cell.self) return cell.self
    const self = Object.create(prototype) as SelfRef & { [CELL]: Cell }
    self[CELL] = cell
    cell.self = self
    return self
  }
  return selfOf
}

/** The cell a self ref stands for; undefined for anything else. */
export function cellOf(value: unknown): Cell | undefined {
  return typeof value === 'object' && value !== null ? (value as { [CELL]?: Cell })[CELL] : undefined
}

function cellBehind(ref: object): Cell {
  return (ref as { [CELL]: Cell })[CELL]
}
