import { createInspectionHub, type Observer } from '../inspection/hub.ts'
import type { Clock } from '../ports/clock.ts'
import type { Journal } from '../ports/journal.ts'
import type { Random } from '../ports/random.ts'
import type { Scheduler } from '../ports/scheduler.ts'
import type { Transport } from '../ports/transport.ts'
import type { LogLevel } from '../telemetry/log.ts'
import { address as addressOf, type Address, isName, parseAddress } from '../protocol/address.ts'
import { assertChoice } from '../protocol/choice.ts'
import type { Contract, InputArgumentOf } from '../protocol/contract.ts'
import { type Duration, milliseconds } from '../protocol/duration.ts'
import { TroupeError } from '../protocol/errors.ts'
import { checkPrincipal, LOCAL_PRINCIPAL, narrow, type Principal } from '../protocol/principal.ts'
import { type ChildrenOptions, rootPolicy } from '../supervision/children-policy.ts'
import { createAfterwards } from './afterwards.ts'
import type { Cell, Delivery } from './cell.ts'
import { createDeadLetterBox, type DeadLetterBox } from './dead-letter-box.ts'
import { createDeadLetters } from './dead-letters.ts'
import type { ActorDefinition } from './definition.ts'
import { hostClock } from './host-clock.ts'
import { hostRandom } from './host-random.ts'
import { hostScheduler } from './host-scheduler.ts'
import { passAlong } from './inbound.ts'
import type { Kernel } from './kernel.ts'
import { lendClock, type LentClock } from './lent-clock.ts'
import { createMailboxQueue } from './mailbox.ts'
import { overflowed } from './overflow.ts'
import { queryActor } from './query.ts'
import { createRef, type Ref, type Speaker } from './ref.ts'
import { createRegistry } from './registry.ts'
import { joinRealm } from './remote.ts'
import { createSelfRefs } from './self-ref.ts'
import { shutDown } from './shutdown.ts'
import { spawnActor } from './spawn.ts'
import { openStore } from './store.ts'
import { createStepper, inertSystem } from './step.ts'
import { createTimerWheel } from './timer-wheel.ts'
import { takeTurn } from './turn.ts'

/** What `createRuntime` takes. All of it has a default. */
export interface RuntimeOptions {
  /** The isolated system this node belongs to. Default `local`. */
  readonly realm?: string
  /**
   * The actor types this node hosts. Standing alone, it hosts whatever it is asked to spawn. With a transport, types that
   * workflows and supervisors spawn have to be listed as well, on this node or on another.
   */
  readonly actors?: readonly ActorDefinition[]
  /** How it reaches other nodes of the realm. Default: it stands alone. */
  readonly transport?: Transport
  /** On whose behalf `spawn` and `ref` speak. Default: this process, with every grant. */
  readonly principal?: Principal
  /** Sees every inspection record. */
  readonly inspect?: Observer
  /** Logs to standard error as lines of JSON: crashes, failed effects and dead letters at `warn`. Default: nothing. */
  readonly log?: LogLevel
  /** Where durable actors rest: `sqlite(path)`, or `memoryJournal()` where nothing has to last. Default: there are none. */
  readonly journal?: Journal
  /**
   * Which durable actors come back by themselves when the runtime starts: `all` that have something to do (work that was
   * cut off, timers), or only those that are `asked` for. Default `all`.
   */
  readonly wake?: 'all' | 'asked'
  /** How often actors without a parent may be restarted before they are set apart. Default: 3 times within 5 s. */
  readonly supervision?: Pick<ChildrenOptions, 'intensity' | 'period'>
  readonly clock?: Clock
  readonly random?: Random
  readonly scheduler?: Scheduler
  /** Default: outside production, so that a receiver that changes a message is found. */
  readonly freezeMessages?: boolean
  /** Sends local messages through the codec, as a wire would; for tests. */
  readonly forceCodec?: boolean
}

/** A running node: it hosts actors until it is stopped. */
export interface Runtime {
  readonly realm: string
  /** The name of this node in its realm. */
  readonly node: string
  /** Its time and its randomness, which are those of its actors. */
  readonly clock: LentClock
  readonly random: Random
  /** Starts an actor, or finds the one with the key. */
  spawn<C extends Contract>(definition: ActorDefinition<C>, options?: SpawnOptions<C>): Promise<Ref<C>>
  /** Addresses an actor without starting it. */
  ref<C extends Contract>(definition: ActorDefinition<C>, key: string): Ref<C>
  ref(address: Address | string): Ref
  /** This runtime, speaking for another principal: with the grants named, as far as this one holds them. */
  as(principal: Principal): Runtime
  /** Sees every inspection record from now on. Call what it returns to stop. */
  inspect(observer: Observer): () => void
  /** The addresses of the actors that are active on this node. */
  actors(): readonly Address[]
  readonly deadLetters: DeadLetterBox
  /**
   * Starts an actor anew from its input, out of quarantine or not; its restarts are forgotten. Rejects with NOT_FOUND, and
   * REJECTED for one whose input was not kept. Needs the grant `troupe.reset`.
   */
  reset(address: Address | string): Promise<void>
  /** Resolves when no message waits on this node. */
  idle(): Promise<void>
  /** Takes nothing new, lets the mailboxes run empty, stops the actors, leaves the realm. */
  stop(options?: { readonly drain?: Duration }): Promise<void>
}

/** What `spawn` takes. */
export interface SpawnOptions<C extends Contract> {
  /** Default: a fresh id. */
  readonly key?: string
  readonly input?: InputArgumentOf<C>
}

const DEAD_LETTERS = 1_000

/**
 * Starts a node. Throws INVALID_MESSAGE for an option that cannot be, CONFLICT for two definitions of one type.
 *
 * @example
 * const runtime = await createRuntime({ actors: [ticket] })
 * const ref = await runtime.spawn(ticket, { key: 't-1', input: { title: 'Printer on fire' } })
 */
export async function createRuntime(options: RuntimeOptions = {}): Promise<Runtime> {
  const realm = options.realm ?? 'local'
  if (!isName(realm)) {
    throw new TroupeError('INVALID_MESSAGE', `'${realm}' cannot name a realm`, {
      where: 'realm',
      hint: 'use a letter, then up to 63 letters, digits, _ and -',
    })
  }
  assertChoice(options.wake ?? 'all', ['all', 'asked'], 'wake')
  const kernel = assemble(realm, options)
  // Loaded only when asked for: who does not log does not pay for a logger.
  if (options.log) kernel.hub.observe((await import('../telemetry/log.ts')).createRecordLog(options.log))
  for (const definition of options.actors ?? []) kernel.registry.host(definition)
  await join(kernel, options)
  const speaker: Speaker = {
    from: addressOf(realm, 'client', kernel.node),
    principal: checkPrincipal(options.principal ?? LOCAL_PRINCIPAL),
  }
  return createDoor(kernel, speaker)
}

// What fails on the way gives back what it has taken.
async function join(kernel: Kernel, options: RuntimeOptions): Promise<void> {
  const { journal, transport, scheduler = hostScheduler, wake = 'all' } = options
  try {
    if (journal) kernel.store = await openStore(kernel, { journal, scheduler, wake })
    if (transport) kernel.remote = await joinRealm(kernel, transport)
    await kernel.store?.recover()
  } catch (error) {
    kernel.store?.shut()
    await Promise.allSettled([kernel.remote?.close(), kernel.store?.release()])
    kernel.wheel.clear()
    throw error
  }
}

function assemble(realm: string, options: RuntimeOptions): Kernel {
  const clock = options.clock ?? hostClock
  const random = options.random ?? hostRandom()
  const scheduler = options.scheduler ?? hostScheduler
  const node = `n${random.id()}`
  const now = (): number => clock.now()
  const hub = createInspectionHub(node, now)
  if (options.inspect) hub.observe(options.inspect)
  const system = inertSystem()
  const wheel = createTimerWheel(clock, (callback) => scheduler.later(callback))
  const selfOf = createSelfRefs({ system, sendToSelf: (cell, event) => passAlong(kernel, cell, event, cell.address) })
  let asks = 0
  let seq = 0
  const kernel: Kernel = {
    realm,
    node,
    clock,
    random,
    wheel,
    lentClock: lendClock(clock, wheel),
    afterwards: createAfterwards(scheduler),
    queue: createMailboxQueue(
      scheduler,
      (delivery: Delivery) => takeTurn(kernel, delivery),
      (delivery: Delivery) => overflowed(kernel, delivery),
    ),
    stepper: createStepper<Cell>(selfOf, system),
    registry: createRegistry(now, () => kernel.store?.epoch ?? 0),
    hub,
    deadLetters: createDeadLetters(
      DEAD_LETTERS,
      now,
      () => `d${random.id()}`,
      ({ to, from, event, error }) => hub.record({ kind: 'dead-letter', to, from, event, error }),
    ),
    selfOf,
    system,
    nextAskId: () => `${node}:${++asks}`,
    nextSeq: () => ++seq,
    supervision: rootPolicy(options.supervision),
    starting: new Map(),
    store: null,
    remote: null,
    freeze: options.freezeMessages ?? process.env['NODE_ENV'] !== 'production',
    forceCodec: options.forceCodec ?? false,
    accepting: true,
  }
  return kernel
}

function createDoor(kernel: Kernel, speaker: Speaker): Runtime {
  let stopped: Promise<void> | undefined
  return {
    realm: kernel.realm,
    node: kernel.node,
    clock: kernel.lentClock,
    random: kernel.random,
    async spawn(definition, { key = kernel.random.id(), input } = {}) {
      const target = await spawnActor(kernel, definition, { key, input, principal: speaker.principal })
      return createRef(kernel, definition, target, speaker)
    },
    ref: ((target: ActorDefinition | string, key?: string) => {
      if (typeof target !== 'string') {
        return createRef(kernel, target, addressOf(kernel.realm, target.type, key ?? ''), speaker)
      }
      const { type } = parseAddress(target)
      return createRef(kernel, kernel.registry.definitions.get(type) ?? null, target as Address, speaker)
    }) as Runtime['ref'],
    as(principal) {
      const { id, grants } = checkPrincipal(principal)
      return createDoor(kernel, {
        from: speaker.from,
        principal: { id, grants: narrow(speaker.principal, grants).grants },
      })
    },
    inspect: (observer) => kernel.hub.observe(observer),
    actors: () => [...kernel.registry.cells.keys()],
    deadLetters: createDeadLetterBox(kernel, speaker.principal),
    async reset(target) {
      parseAddress(target)
      await queryActor(kernel, target as Address, { kind: 'reset' }, speaker.principal)
    },
    idle: () => kernel.queue.idle(),
    async stop({ drain = '5s' } = {}) {
      const longest = milliseconds(drain)
      await (stopped ??= shutDown(kernel, longest))
    },
  }
}
