import { type AnyStateMachine, enqueueActions, setup } from 'xstate'
import type { ContractTypes } from '../runtime/protocol/contract.ts'
import { asTroupeError } from '../runtime/protocol/errors.ts'
import { announce, refuse, reply } from '../runtime/protocol/message-actions.ts'
import type { Plan, planContract } from './plan-rules.contract.ts'
import type { WholeRequest } from './plan-rules.ts'

/** The chart of a planner: it holds nothing, and answers each request by its rules. */
export function planMachine(decide: (request: WholeRequest) => Plan): AnyStateMachine {
  const setUp = setup({
    types: {} as ContractTypes<typeof planContract>,
    actions: {
      plan: enqueueActions(({ event, enqueue }) => {
        for (const action of answerTo(event, decide)) enqueue(action as never)
      }),
    },
  })
  return setUp.createMachine({
    id: 'planner',
    initial: 'ready',
    states: { ready: { on: { 'planner.plan': { actions: ['plan'] } } } },
  })
}

function answerTo(request: WholeRequest, decide: (request: WholeRequest) => Plan): readonly unknown[] {
  try {
    const plan = decide(request)
    const { tool, rule, confidence } = plan
    return [reply(() => plan), announce([{ type: 'planner.planned', tool, rule, confidence }])]
  } catch (error) {
    const { message, code } = asTroupeError(error)
    return [refuse(message, undefined, code)]
  }
}
