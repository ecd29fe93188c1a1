import {
  type ActorDefinition,
  type ActorDurability,
  defineActor,
  fromTask,
  type TaskScope,
  TroupeError,
} from '../../runtime/index.ts'
import type { Models } from '../../actors/define-models.ts'
import { studySheet } from './model/study-sheet.ts'
import { analyzeSheet } from './phases/sheet-analysis.ts'
import { sheetAgentContract } from './sheet-agent.contract.ts'
import { sheetAgentMachine, type StudyInput } from './sheet-agent.machine.ts'

/** The definition of a sheet's agent. */
export type SheetAgent = ActorDefinition<typeof sheetAgentContract>

/** What agents of sheets work with. */
export interface SheetAgentOptions {
  /** Without any, or without an account, a sheet is studied by rule. */
  readonly models?: Models
  readonly durability?: ActorDurability
}

/** The agent of one sheet, with the models it may ask. */
export function defineSheetAgent({ models, durability = 'ephemeral' }: SheetAgentOptions = {}): SheetAgent {
  const study = ({ input, ...scope }: TaskScope<StudyInput>) => {
    const { digest, strategy, account } = input
    if (account === null) return analyzeSheet(digest)
    if (!models) {
      throw new TroupeError('UNAVAILABLE', 'this process has no models', {
        where: scope.owner,
        hint: 'give defineSheetAgent the models that the analysis has',
        lasting: true,
      })
    }
    return studySheet({ host: scope, models, account, signal: scope.signal }, { digest, strategy })
  }
  return defineActor({
    type: 'sheet-agent',
    contract: sheetAgentContract,
    logic: sheetAgentMachine.provide({ actors: { studySheet: fromTask(study) } }),
    // A study only reads, and asks under one name: one that was cut off is begun again, and pays nothing twice.
    ...(durability === 'durable' ? { durability, idempotent: ['studySheet'] } : {}),
  })
}

/** The agent of one sheet, which studies it by rule. */
export const sheetAgent = defineSheetAgent()

/** The same for a durable analysis. */
export const durableSheetAgent = defineSheetAgent({ durability: 'durable' })
