import type { AnyActorLogic } from 'xstate'
import type { Address } from '../protocol/address.ts'
import { TroupeError } from '../protocol/errors.ts'
import type { Cell, EventListener } from './cell.ts'
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
  /** Takes a cell out of memory that has not ended. Who listens to it hears it again when it is added again. */
  rest(cell: Cell): void
  ended(address: Address): Ended | undefined
  /** Lets `ended` find a durable actor again that was found a moment ago, unless it lives. */
  recall(ended: Ended | undefined): void
  nextIncarnation(): number
}

// Epochs of the store tell processes apart, so that a later life of an address always has a greater number.
const LIVES = 2 ** 32
// How many ended actors a generation of them keeps.
const RESULTS = 5_000
const DURABLE_RESULTS = 250

/** Makes an empty registry. */
export function createRegistry(now: () => number, epoch: () => number): Registry {
  const cells = new Map<Address, Cell>()
  const definitions = new Map<string, ActorDefinition>()
  const bySource = new Map<AnyActorLogic, ActorDefinition>()
  const ended = createEndedActors(now, RESULTS)
  // The journal has them: these are kept for who is about to look at them.
  const endedDurably = createEndedActors(now, DURABLE_RESULTS)
  // Whoever listens does so to the address, wherever the actor is: these wait for it to be back.
  const unheard = new Map<Address, Set<EventListener>>()
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
      endedDurably.forget(cell.address)
      cells.set(cell.address, cell)
      cell.listeners ??= unheard.get(cell.address) ?? null
      unheard.delete(cell.address)
    },
    remove(cell, entry) {
      unheard.delete(cell.address)
      if (cells.get(cell.address) === cell) cells.delete(cell.address)
      if (cell.durable) endedDurably.keep(entry)
      else ended.keep(entry)
    },
    rest(cell) {
      if (cell.listeners?.size) unheard.set(cell.address, cell.listeners)
      if (cells.get(cell.address) === cell) cells.delete(cell.address)
    },
    ended: (address) => ended.find(address) ?? endedDurably.find(address),
    recall(entry) {
      if (entry && !cells.has(entry.address) && !endedDurably.find(entry.address)) endedDurably.keep(entry)
    },
    nextIncarnation: () => epoch() * LIVES + ++incarnations,
  }
}
