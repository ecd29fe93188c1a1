import { address as addressOf, type Address } from '../protocol/address.ts'
import { isTroupeError, TroupeError } from '../protocol/errors.ts'
import { authorise, narrow, type Principal } from '../protocol/principal.ts'
import { validate } from '../protocol/validation.ts'
import { asOnWire } from './as-on-wire.ts'
import type { Cell } from './cell.ts'
import { comeBack } from './come-back.ts'
import { assertDefinition, type ActorDefinition } from './definition.ts'
import type { Kernel } from './kernel.ts'
import { startCell } from './lifecycle.ts'
import type { RemoteDoor } from './remote-door.ts'

/** What is spawned, and for whom. */
export interface SpawnRequest {
  readonly key: string
  readonly input: unknown
  readonly principal: Principal
  /** The actor whose task asked for it; it ends with that. */
  readonly owner?: Cell
  /** Rejects with CONFLICT when the address lives already, instead of finding it. */
  readonly fresh?: boolean
}

/**
 * Starts an actor, or finds it: who spawns the same address twice gets the one that is there. Rejects with
 * INVALID_MESSAGE for input that does not meet the contract, CRASHED when it fails to start, NOT_FOUND when no node hosts
 * the type.
 */
export async function spawnActor(kernel: Kernel, definition: ActorDefinition, request: SpawnRequest): Promise<Address> {
  assertDefinition(definition)
  const target = addressOf(kernel.realm, definition.type, request.key)
  authorise(request.principal, 'troupe.spawn', target)
  if (!kernel.registry.definitions.has(definition.type) && kernel.remote) {
    // Checked here, made there: a schema that transforms its input must not see its own output.
    inputOf(definition, request.input, target)
    await kernel.remote.spawn(target, request.input, request.principal)
    return target
  }
  const isNew = !kernel.registry.definitions.has(definition.type)
  kernel.registry.host(definition)
  // At the start nobody could bring back what of it has something to do.
  if (isNew && definition.policies.durability === 'durable') kernel.store?.recoverSoon()
  if (definition.policies.durability === 'durable') kernel.registry.recall(await comeBack(kernel, target))
  if (isHere(kernel, target, request) || isDone(kernel, definition, target, request)) {
    // Who spawned it first may still wait for its first record.
    await kernel.registry.cells.get(target)?.durable?.shard.settled()
    return target
  }
  const input = inputOf(definition, asOnWire(kernel, request.input), target)
  if (!kernel.remote) {
    const { durable } = startHere(kernel, definition, target, { ...request, input })
    // Without a turn of promises otherwise: who listens right after `spawn` must not miss the first event.
    if (durable) await durable.shard.settled()
    return target
  }
  // One start at a time for an address: one that fails gives the claim back, and must not take it from another.
  for (let other = kernel.starting.get(target); other; other = kernel.starting.get(target)) await other
  const starts = claimAndStart(kernel, kernel.remote, definition, target, { ...request, input })
  const settled = starts.then(
    () => {},
    () => {},
  )
  kernel.starting.set(target, settled)
  try {
    if (await starts) return target
  } finally {
    kernel.starting.delete(target)
  }
  // Who holds the address may still be starting it, and may fail: only there one learns what came of it.
  await kernel.remote.spawn(target, request.input, request.principal)
  return target
}

// A durable run that is done stays done for as long as its result is kept: who starts it again finds the result.
function isDone(
  kernel: Kernel,
  { policies }: ActorDefinition,
  target: Address,
  { fresh, owner }: SpawnRequest,
): boolean {
  const ended = policies.durability === 'durable' ? kernel.registry.ended(target) : undefined
  // Who wants a fresh one means it, but for an owner that was cut off: its own work is not to be done twice.
  return ended?.reason === 'done' && (!fresh || (owner?.durable != null && ended.owner === owner.address))
}

// Resolves to false when another node holds the address.
async function claimAndStart(
  kernel: Kernel,
  remote: RemoteDoor,
  definition: ActorDefinition,
  target: Address,
  request: SpawnRequest,
): Promise<boolean> {
  if (isHere(kernel, target, request)) return true
  if (!(await isOurs(remote, target, request))) return false
  let cell: Cell
  try {
    cell = startHere(kernel, definition, target, request)
  } catch (error) {
    remote.release(target)
    throw error
  }
  await cell.durable?.shard.settled()
  return true
}

function isHere(kernel: Kernel, target: Address, { fresh, owner }: SpawnRequest): boolean {
  const cell = kernel.registry.cells.get(target)
  if (!cell) return false
  // An owner that was cut off finds its own again.
  if (adopt(cell, owner) || !fresh || (owner?.durable && cell.parent === owner && cell.durable)) return true
  throw new TroupeError('CONFLICT', `there is an actor at ${target} already`, {
    where: target,
    hint: 'give one of the two another key',
  })
}

// False when the address is another node's: the actor is found there.
async function isOurs(remote: RemoteDoor, target: Address, { fresh }: SpawnRequest): Promise<boolean> {
  try {
    await remote.claim(target)
    return true
  } catch (error) {
    if (!fresh && isTroupeError(error, 'CONFLICT')) return false
    throw error
  }
}

/**
 * Starts an actor on this node, synchronously. Who has the ref may count on it: a durable actor is there when its first
 * record is.
 */
function startHere(kernel: Kernel, definition: ActorDefinition, target: Address, request: SpawnRequest): Cell {
  if (!kernel.accepting) {
    throw new TroupeError('UNAVAILABLE', `the runtime is stopping: ${target} was not started`, { where: target })
  }
  const { owner, principal } = request
  if (owner?.ended) {
    throw new TroupeError('CANCELLED', `${owner.address} ended before it had ${target} started`, { where: target })
  }
  const { grants } = definition.policies
  return startCell(
    kernel,
    {
      address: target,
      hosted: definition.hosted,
      definition,
      policies: definition.policies,
      incarnation: kernel.registry.nextIncarnation(),
      parent: owner ?? null,
      childId: null,
      syncs: false,
      principal: grants ? narrow(principal, grants) : principal,
    },
    request.input,
    owner ? (cell) => own(owner, cell) : undefined,
  )
}

// A durable actor outlives an owner that does not. Who spawns it next owns it.
function adopt(cell: Cell, owner: Cell | undefined): boolean {
  const { durable } = cell
  if (!owner || owner.ended || !durable?.formerParent || cell.parent || cell.childId !== null) return false
  for (let above: Cell | null = owner; above; above = above.parent) if (above === cell) return false
  durable.formerParent = null
  cell.parent = owner
  own(owner, cell)
  durable.shard.touch(cell)
  return true
}

function own(owner: Cell, cell: Cell): void {
  ;(owner.children ??= new Map()).set(cell.address, cell)
  owner.durable?.shard.touch(owner)
}

function inputOf(definition: ActorDefinition, input: unknown, target: Address): unknown {
  const schema = definition.contract.spec.input
  if (schema) return validate(schema, input, `the input of '${definition.type}'`, target)
  if (input === undefined) return undefined
  throw new TroupeError('INVALID_MESSAGE', `'${definition.type}' takes no input`, {
    where: target,
    hint: 'give its contract an input schema, or spawn it without',
  })
}
