import { z } from 'zod'
import { TroupeError } from './errors.ts'

/** One message of a contract. */
export interface MessageSpec {
  /** The fields beside `type`; none when left out. */
  readonly fields?: z.ZodObject
  /** What an `ask` of it is answered with. A message without a reply cannot be asked. */
  readonly reply?: z.ZodType
  /** What a `stream` of it yields before the reply. */
  readonly chunk?: z.ZodType
  /** The grant a sender must hold. */
  readonly requires?: string
}

/** What `defineContract` takes: the schemas of one actor type. */
export interface ContractSpec {
  readonly input?: z.ZodType
  readonly output?: z.ZodType
  readonly messages: Readonly<Record<string, MessageSpec>>
  /** Events the actor emits to whoever listens. */
  readonly emits?: Readonly<Record<string, z.ZodObject>>
}

/** The schemas of one actor type, compiled: what it receives, answers, emits, starts from and ends with. */
export interface Contract<S extends ContractSpec = ContractSpec> {
  readonly spec: S
  readonly messages: ReadonlyMap<string, CompiledMessage>
  readonly emits: ReadonlyMap<string, z.ZodType>
}

/** A message with its whole schema, `type` included. */
export interface CompiledMessage extends MessageSpec {
  readonly schema: z.ZodType<MessageEvent>
}

/** Any event: a `type` and fields. */
export interface MessageEvent {
  readonly type: string
  readonly [field: string]: unknown
}

// An object schema without fields means no field may be there, which zod types as an index of `never`.
type Shaped<F extends z.ZodType, T> = F extends z.ZodObject<infer Shape> ? (keyof Shape extends never ? unknown : T) : T
type Fields<T> = T extends { readonly fields: infer F extends z.ZodType } ? Shaped<F, z.output<F>> : unknown
type FieldsIn<T> = T extends { readonly fields: infer F extends z.ZodType } ? Shaped<F, z.input<F>> : unknown
type Flat<T> = { [K in keyof T]: T[K] } & {}
type OutputOrVoid<T> = T extends z.ZodType ? z.output<T> : undefined

/** The union of messages a contract receives, as the machine sees them. */
export type MessageOf<C extends Contract> = {
  [T in keyof C['spec']['messages'] & string]: Flat<{ readonly type: T } & Fields<C['spec']['messages'][T]>>
}[keyof C['spec']['messages'] & string]

/** The union of messages a sender may write: defaults may be left out. */
export type SendableOf<C extends Contract> = {
  [T in keyof C['spec']['messages'] & string]: Flat<{ readonly type: T } & FieldsIn<C['spec']['messages'][T]>>
}[keyof C['spec']['messages'] & string]

/** The messages of a contract that have a reply. */
export type AskableOf<C extends Contract> = Extract<
  SendableOf<C>,
  {
    readonly type: {
      [T in keyof C['spec']['messages']]: C['spec']['messages'][T] extends { readonly reply: z.ZodType } ? T : never
    }[keyof C['spec']['messages']]
  }
>

/** What an ask of the message type is answered with. */
export type ReplyOf<C extends Contract, T extends string> = OutputOrVoid<C['spec']['messages'][T]['reply']>

/** What a stream of the message type yields. */
export type ChunkOf<C extends Contract, T extends string> = OutputOrVoid<C['spec']['messages'][T]['chunk']>

/** The union of events a contract emits. */
export type EmittedOf<C extends Contract> =
  C['spec']['emits'] extends Readonly<Record<string, z.ZodType>>
    ? {
        [T in keyof C['spec']['emits'] & string]: Flat<
          { readonly type: T } & Shaped<C['spec']['emits'][T], z.output<C['spec']['emits'][T]>>
        >
      }[keyof C['spec']['emits'] & string]
    : never

/** What an actor starts from, as its machine sees it. */
export type InputOf<C extends Contract> = OutputOrVoid<C['spec']['input']>

/** What a spawner writes as input: defaults may be left out. */
export type InputArgumentOf<C extends Contract> = C['spec']['input'] extends z.ZodType
  ? z.input<C['spec']['input']>
  : undefined

/** What an actor ends with. */
export type OutputOf<C extends Contract> = OutputOrVoid<C['spec']['output']>

// A contract without messages or events has none; XState cannot take `never` for it.
type OrNothing<T> = [T] extends [never] ? { readonly type: never } : T

/** The `types` of an XState `setup` that follow from a contract; add `context` to it. */
export interface ContractTypes<C extends Contract> {
  events: OrNothing<MessageOf<C>>
  emitted: OrNothing<EmittedOf<C>>
  input: InputOf<C>
  output: OutputOf<C>
}

/**
 * Makes a contract out of zod schemas. Throws INVALID_MESSAGE for a name that is reserved or has other characters than
 * letters, digits, `_`, `-` and dots between words (write `noun.verb`), and for fields that are no object schema.
 *
 * @example
 * const ticketContract = defineContract({
 *   input: z.object({ title: z.string() }),
 *   messages: { 'ticket.close': { reply: z.object({ closedBy: z.string() }) } },
 *   emits: { 'ticket.closed': z.object({ closedBy: z.string() }) },
 * })
 */
export function defineContract<const S extends ContractSpec>(spec: S): Contract<S> {
  const messages = new Map<string, CompiledMessage>()
  for (const [type, message] of Object.entries(spec.messages)) {
    assertEventName(type)
    if (message.chunk && !message.reply) {
      throw new TroupeError('INVALID_MESSAGE', `'${type}' has chunks but no reply`, {
        where: type,
        hint: 'a stream ends with its reply: give it one, z.void() if there is nothing to say',
      })
    }
    const fields = message.fields ?? z.object({})
    assertObject(fields, type)
    if ('type' in fields.shape) {
      throw new TroupeError('INVALID_MESSAGE', `'${type}' declares a field 'type'`, {
        where: type,
        hint: 'the message name is its type: leave the field out',
      })
    }
    messages.set(type, {
      ...message,
      schema: fields.extend({ type: z.literal(type) }) as unknown as z.ZodType<MessageEvent>,
    })
  }
  const emits = new Map<string, z.ZodType>()
  for (const [type, fields] of Object.entries(spec.emits ?? {})) {
    assertEventName(type)
    assertObject(fields, type)
    emits.set(type, fields.extend({ type: z.literal(type) }))
  }
  return { spec, messages, emits }
}

function assertObject(schema: unknown, type: string): void {
  if (typeof schema === 'object' && schema !== null && 'shape' in schema && 'extend' in schema) return
  throw new TroupeError('INVALID_MESSAGE', `the fields of '${type}' are no object schema`, {
    where: type,
    hint: 'wrap them: z.object({ ... })',
  })
}

const EVENT_NAME = /^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/

function assertEventName(type: string): void {
  if (EVENT_NAME.test(type) && !type.startsWith('xstate.') && !type.startsWith('troupe.')) return
  throw new TroupeError('INVALID_MESSAGE', `'${type}' cannot name a message or an event`, {
    where: type,
    hint: "write noun.verb, such as 'ticket.close'; 'xstate.' and 'troupe.' are reserved",
  })
}
