import { setup } from 'xstate'
import { type ActorDefinition, type ActorOptions, defineActor, defineContract } from '../../../runtime/index.ts'

const contract = defineContract({ messages: { 'boss.begin': {} } })

/** What a boss takes. */
export type BossContract = typeof contract

/** A chart that does nothing but own the actors given, by their types, and hear when one is given up. */
export function bossActor(
  workers: readonly ActorDefinition[],
  options: Partial<ActorOptions<BossContract>> & { readonly deaf?: boolean } = {},
): ActorDefinition<BossContract> {
  const { deaf = false, ...others } = options
  const logic = setup({
    actors: Object.fromEntries(workers.map(({ type, hosted }) => [type, hosted.source])),
  } as object).createMachine({
    id: 'boss',
    invoke: workers.map(({ type }) => ({ id: type, src: type, ...(deaf ? {} : { onError: '.told' }) })) as never,
    initial: 'at work',
    states: { 'at work': {}, told: {} },
  })
  return defineActor({ type: 'boss', contract, logic, ...others })
}
