import type { AnyActorLogic } from 'xstate'
import { isName } from '../protocol/address.ts'
import { assertChoice } from '../protocol/choice.ts'
import type { Contract } from '../protocol/contract.ts'
import { type Duration, milliseconds } from '../protocol/duration.ts'
import { TroupeError } from '../protocol/errors.ts'
import { checkMigrations, type Migration } from '../persistence/migration.ts'
import type { TakeUp } from '../persistence/take-up.ts'
import { type ChildrenOptions, type ChildrenPolicy, childrenPolicy } from '../supervision/children-policy.ts'
import {
  type SupervisionOptions,
  type SupervisionPolicy,
  supervisionPolicy,
} from '../supervision/supervision-policy.ts'
import { checkDurable } from './durable-check.ts'
import { hostLogic, type HostedLogic } from './hosted-logic.ts'

/** What happens to a message for which the current state has no transition. */
export type UnhandledPolicy = 'drop' | 'dead-letter' | 'reject' | 'stash'

/** What happens to a message that finds the mailbox full. */
export type OverflowPolicy = 'reject' | 'drop-newest' | 'drop-oldest'

const DURABILITIES: readonly ActorDurability[] = ['ephemeral', 'durable']
const UNHANDLED: readonly UnhandledPolicy[] = ['drop', 'dead-letter', 'reject', 'stash']
const OVERFLOWS: readonly OverflowPolicy[] = ['reject', 'drop-newest', 'drop-oldest']

/** How the kernel treats the actors of one type. */
export interface ActorPolicies {
  readonly mailbox: { readonly capacity: number; readonly overflow: OverflowPolicy }
  readonly unhandled: UnhandledPolicy
  /** How often a transition that throws is tried before its message is dead-lettered. */
  readonly attempts: number
  /** The most its own messages may ask for, whoever caused them; null narrows nothing. */
  readonly grants: readonly string[] | null
  /** Milliseconds for which the result of an ended actor can still be fetched. */
  readonly keepResult: number
  readonly durability: ActorDurability
  /** Milliseconds without a message after which a durable actor at rest leaves memory. */
  readonly restAfter: number
  /** Names of its leaf work that may be run again when it was cut off. */
  readonly idempotent: readonly string[]
  readonly migrations: readonly Migration[]
  readonly supervision: SupervisionPolicy
  readonly children: ChildrenPolicy
}

/** Whether an actor outlives its process. */
export type ActorDurability = 'ephemeral' | 'durable'

/** What `defineActor` takes. */
export interface ActorOptions<C extends Contract> {
  readonly type: string
  readonly contract: C
  /** An XState machine, transition logic, or leaf logic (promise, callback, observable, task). */
  readonly logic: AnyActorLogic
  /** Default: 1 000 messages, then OVERLOADED to the sender. */
  readonly mailbox?: { readonly capacity?: number; readonly overflow?: OverflowPolicy }
  /** Default `drop`, as XState does; an ask is always answered with REJECTED, except with `stash`. */
  readonly unhandled?: UnhandledPolicy
  /** Default 3. */
  readonly attempts?: number
  readonly grants?: readonly string[]
  /** Default one minute; 30 days for a durable actor. */
  readonly keepResult?: Duration
  /**
   * Default `ephemeral`. A `durable` actor outlives its process, as far as the runtime's journal does. Its logic must not
   * have anonymous inline functions, and its context, inputs and messages are plain data.
   */
  readonly durability?: ActorDurability
  /** The version of its chart, for its records. Default `1`. */
  readonly version?: string
  /** How records of earlier versions are brought up to this one. */
  readonly migrate?: readonly Migration[]
  /** The names of its leaf work (in `setup({ actors })`) that may be run again when it was cut off. Default: none. */
  readonly idempotent?: readonly string[]
  /** How long a durable actor with nothing to do stays in memory. Default 10 minutes. */
  readonly restAfter?: Duration
  /** When it is started again, and from what. Default: never; its parent's chart is told of its end. */
  readonly supervision?: SupervisionOptions
  /** Who falls with whom among the actors that it owns, and how often they may. */
  readonly children?: ChildrenOptions
}

/** An actor type as an inert value: nothing runs until a runtime spawns it. */
export interface ActorDefinition<C extends Contract = Contract> {
  readonly type: string
  readonly contract: C
  readonly policies: ActorPolicies
  /** @internal what the kernel drives */
  readonly hosted: HostedLogic
  /** @internal how records of other versions are brought up without a migration, where that can be told */
  readonly takeUp?: TakeUp
}

/**
 * Defines an actor type: contract, XState logic and policies. Throws INVALID_MESSAGE, saying where and what to write
 * instead, for logic with a feature that cannot be hosted or an implementation that is missing.
 *
 * @example
 * const ticket = defineActor({ type: 'ticket', contract: ticketContract, logic: ticketMachine })
 */
export function defineActor<C extends Contract>(options: ActorOptions<C>): ActorDefinition<C> {
  const { type, contract } = options
  if (!isName(type)) {
    throw new TroupeError('INVALID_MESSAGE', `'${type}' cannot name an actor type`, {
      where: 'type',
      hint: 'use a letter, then up to 63 letters, digits, _ and -',
    })
  }
  const { durability = 'ephemeral', version = '1' } = options
  const policies = actorPolicies(type, options)
  const hosted = hostLogic(options.logic, type, version)
  if (durability === 'durable') checkDurable(hosted.source, type)
  checkMigrations(policies.migrations, version, type)
  checkIdempotent(policies.idempotent, hosted)
  return { type, contract, policies, hosted }
}

/** The policies of an actor type, with their defaults. */
export function actorPolicies(
  type: string,
  options: Partial<Omit<ActorOptions<Contract>, 'contract' | 'logic'>>,
): ActorPolicies {
  const { durability = 'ephemeral' } = options
  const policies: ActorPolicies = {
    mailbox: { capacity: options.mailbox?.capacity ?? 1_000, overflow: options.mailbox?.overflow ?? 'reject' },
    unhandled: options.unhandled ?? 'drop',
    attempts: options.attempts ?? 3,
    grants: options.grants ?? null,
    keepResult: milliseconds(options.keepResult ?? (durability === 'durable' ? '30d' : '1m')),
    durability,
    restAfter: milliseconds(options.restAfter ?? '10m'),
    idempotent: options.idempotent ?? [],
    migrations: options.migrate ?? [],
    supervision: supervisionPolicy(options.supervision, `${type}.supervision`),
    children: childrenPolicy(options.children, `${type}.children`),
  }
  assertChoice(durability, DURABILITIES, `${type}.durability`)
  assertChoice(policies.unhandled, UNHANDLED, `${type}.unhandled`)
  assertChoice(policies.mailbox.overflow, OVERFLOWS, `${type}.mailbox.overflow`)
  assertCount(policies.mailbox.capacity, `${type}.mailbox.capacity`)
  assertCount(policies.attempts, `${type}.attempts`)
  return policies
}

/** Throws INVALID_MESSAGE for what is no actor definition. */
export function assertDefinition(definition: unknown): void {
  if (typeof definition === 'object' && definition !== null && 'hosted' in definition && 'contract' in definition)
    return
  throw new TroupeError('INVALID_MESSAGE', 'this is not an actor definition', {
    where: 'definition',
    hint: 'give what defineActor or defineWorkflow returned; a machine alone has no contract',
  })
}

function checkIdempotent(names: readonly string[], { type, machine }: HostedLogic): void {
  const known = machine ? Object.keys(machine.implementations.actors) : ['work']
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new TroupeError('INVALID_MESSAGE', `'${type}' has no actor '${unknown}' to be idempotent`, {
    where: `${type}.idempotent`,
    hint: `there are: ${known.join(', ') || 'none'}`,
  })
}

function assertCount(value: number, where: string): void {
  if (Number.isInteger(value) && value >= 1) return
  throw new TroupeError('INVALID_MESSAGE', `${where} is ${value}`, { where, hint: 'give a whole number from 1' })
}
