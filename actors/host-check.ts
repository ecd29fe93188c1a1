import type { ActorHost } from '../runtime/kernel/actor-host.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'

/** Throws INVALID_MESSAGE, naming who needs it, for what is no host of actors: code without types forgets it easily. */
export function checkHost(host: ActorHost, maker: string): void {
  const { spawn, ref, clock } = (host ?? {}) as Partial<Record<keyof ActorHost, unknown>>
  if (typeof spawn === 'function' && typeof ref === 'function' && clock) return
  throw new TroupeError('INVALID_MESSAGE', `${maker} was given no host of actors`, {
    where: `${maker}.host`,
    hint: `give it a runtime, the hands of a task or the scope of a step first: ${maker}(runtime, ...)`,
  })
}

/** Throws INVALID_MESSAGE for what cannot be the key of a shared actor. */
export function checkKey(key: unknown, where: string): void {
  if (typeof key === 'string' && key !== '') return
  throw new TroupeError('INVALID_MESSAGE', `${where} is ${key === '' ? 'empty' : shownKey(key)}`, {
    where,
    hint: "give a text, such as 'openai': whoever gives the same one shares it",
  })
}

function shownKey(key: unknown): string {
  return key === undefined ? 'missing' : `no text but a ${key === null ? 'null' : typeof key}`
}
