import { definePack, type Pack } from '../runtime/index.ts'
import { modelsCommand } from './models.command.ts'

/** The commands of the actors, which belong to no domain. */
export const pack: Pack = definePack({
  name: 'actors',
  description: 'Model calls and what makes them reliable.',
  actors: [],
  commands: [modelsCommand],
})
