import { assign, emit, fromPromise, setup } from 'xstate'
import { reply } from '../../runtime/protocol/message-actions.ts'
import type { ModelAccount } from './model/ask-model.ts'
import { analyzeSheet } from './phases/sheet-analysis.ts'
import type { SheetDigest } from './phases/sheet-digest.ts'
import type { SheetReport } from './phases/sheet-report.ts'
import type { SheetAgentTypes } from './sheet-agent.contract.ts'

/** What a study of a sheet is given. */
export interface StudyInput {
  readonly strategy: SheetAgentTypes['input']['strategy']
  /** How the model is asked and paid; null for a study by rule. */
  readonly account: ModelAccount | null
  readonly digest: SheetDigest
}

interface SheetAgentContext extends StudyInput {
  readonly budget: number
  readonly report: SheetReport | null
}

/** The agent of one sheet: it studies its digest; where the study fails or takes too long, the rules write the report. */
export const sheetAgentMachine = setup({
  types: {} as SheetAgentTypes & { context: SheetAgentContext },
  actors: {
    studySheet: fromPromise<SheetReport, StudyInput>(() => Promise.reject(new Error('nobody provided studySheet'))),
  },
  actions: {
    announce: emit(({ context: { digest, strategy, budget } }) => ({
      type: 'sheet.started' as const,
      sheet: digest.facts.name,
      strategy,
      budget,
    })),
    deliver: emit(({ context: { digest, report } }) => ({
      type: 'sheet.reported' as const,
      sheet: digest.facts.name,
      status: report?.status ?? 'degraded',
      findings: report?.findings.length ?? 0,
      claims: report?.claims.length ?? 0,
    })),
    keepStudy: assign({ report: (_, { report }: { report: SheetReport }) => report }),
    tellStatus: reply(({ context }) => ({
      sheet: (context as SheetAgentContext).digest.facts.name,
      state: 'studying' as const,
    })),
    fallBack: assign({
      report: ({ context }, { reason }: { reason: string }) => analyzeSheet(context.digest, reason),
    }),
  },
  delays: { patience: 540_000 },
}).createMachine({
  id: 'sheet-agent',
  context: ({ input }) => ({ ...input, report: null }),
  initial: 'studying',
  states: {
    studying: {
      entry: 'announce',
      invoke: {
        id: 'study',
        src: 'studySheet',
        input: ({ context: { strategy, account, digest } }) => ({ strategy, account, digest }),
        onDone: {
          target: 'reported',
          actions: { type: 'keepStudy', params: ({ event }) => ({ report: event.output }) },
        },
        onError: {
          target: 'reported',
          actions: { type: 'fallBack', params: ({ event }) => ({ reason: reasonOf(event.error) }) },
        },
      },
      after: {
        patience: { target: 'reported', actions: { type: 'fallBack', params: { reason: 'the study took too long' } } },
      },
      on: { 'sheet.status': { actions: 'tellStatus' } },
    },
    reported: { type: 'final', entry: 'deliver' },
  },
  output: ({ context }) => context.report as SheetReport,
})

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
