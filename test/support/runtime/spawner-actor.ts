import { setup } from 'xstate'
import {
  type ActorDefinition,
  type ActorOptions,
  defineActor,
  defineContract,
  fromTask,
} from '../../../runtime/index.ts'

const contract = defineContract({ messages: { 'spawner.end': {} } })

/** An actor whose task spawns one actor of the type given, under the key `spawned`. */
export function spawnerActor(
  definition: ActorDefinition,
  options: Partial<ActorOptions<typeof contract>> = {},
): ActorDefinition<typeof contract> {
  const spawnOne = fromTask(async ({ spawn }) => {
    await spawn(definition, { key: 'spawned' })
  })
  const logic = setup({ actors: { spawnOne } }).createMachine({ id: 'spawner', invoke: { src: 'spawnOne' } })
  return defineActor({ type: 'spawner', contract, logic, ...options })
}
