import type { AnyActorLogic } from 'xstate'
import type { Address } from '../protocol/address.ts'
import { TroupeError } from '../protocol/errors.ts'
import type { Cell } from './cell.ts'
import { assertDefinition, type ActorDefinition } from './definition.ts'
import { createEndedActors, type Ended } from './ended-actors.ts'

/** Who lives on this node, who did until lately, and which types can. */
export interface Registry {
  readonly cells: ReadonlyMap<Address, Cell>
  readonly definitions: ReadonlyMap<string, ActorDefinition>
  /** Throws CONFLICT when another definition has the type. */
  host(definition: ActorDefinition): void
  /** The definition whose logic this is, for a child that has one. */
  definitionOf(source: AnyActorLogic): ActorDefinition | undefined
  add(cell: Cell): void
  remove(cell: Cell, ended: Ended): void
  /** Takes a cell out of memory that has not ended. */
  rest(cell: Cell): void
  ended(address: Address): Ended | undefined
  nextIncarnation(): number
}

// Epochs of the store tell processes apart, so that a later life of an address always has a greater number.
const LIVES = 2 ** 32

/** Makes an empty registry. */
export function createRegistry(now: () => number, epoch: () => number): Registry {
  const cells = new Map<Address, Cell>()
  const definitions = new Map<string, ActorDefinition>()
  const bySource = new Map<AnyActorLogic, ActorDefinition>()
  const ended = createEndedActors(now)
  let incarnations = 0

  return {
    cells,
    definitions,
    host(definition) {
      assertDefinition(definition)
      const known = definitions.get(definition.type)
      if (known === definition) return
      if (known) {
        throw new TroupeError('CONFLICT', `two definitions name the actor type '${definition.type}'`, {
          where: definition.type,
          hint: 'give one of them another type, or import the same definition in both places',
        })
      }
      definitions.set(definition.type, definition)
      bySource.set(definition.hosted.source, definition)
    },
    definitionOf: (source) => bySource.get(source),
    add(cell) {
      ended.forget(cell.address)
      cells.set(cell.address, cell)
    },
    remove(cell, entry) {
      if (cells.get(cell.address) === cell) cells.delete(cell.address)
      ended.keep(entry)
    },
    rest(cell) {
      if (cells.get(cell.address) === cell) cells.delete(cell.address)
    },
    ended: (address) => ended.find(address),
    nextIncarnation: () => epoch() * LIVES + ++incarnations,
  }
}
