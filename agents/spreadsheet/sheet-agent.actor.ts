import { defineActor, fromTask, type TaskScope } from '../../runtime/index.ts'
import { analyzeSheet } from './phases/sheet-analysis.ts'
import { sheetAgentContract } from './sheet-agent.contract.ts'
import { sheetAgentMachine, type StudyInput } from './sheet-agent.machine.ts'

const options = {
  type: 'sheet-agent',
  contract: sheetAgentContract,
  logic: sheetAgentMachine.provide({
    actors: { studySheet: fromTask(({ input }: TaskScope<StudyInput>) => analyzeSheet(input.digest)) },
  }),
}

/** The agent of one sheet, which studies it by rule. */
export const sheetAgent = defineActor(options)

/** The same for a durable analysis. A study only reads: one that was cut off is begun again. */
export const durableSheetAgent = defineActor({ ...options, durability: 'durable', idempotent: ['studySheet'] })
