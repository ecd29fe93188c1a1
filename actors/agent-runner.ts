import type { AnyActorLogic } from 'xstate'
import type { AgentContext, AgentRun } from '../machines/agent-context.ts'
import type { AgentCommand } from '../machines/agent.machine.ts'
import type { CallChunk } from '../machines/model-call.contract.ts'
import { fromService } from '../runtime/kernel/from-service.ts'
import { parseAddress } from '../runtime/protocol/address.ts'
import type { MessageEvent } from '../runtime/protocol/contract.ts'
import { isTroupeError, TroupeError } from '../runtime/protocol/errors.ts'
import { authorise, type Principal } from '../runtime/protocol/principal.ts'
import { act } from './agent-deed.ts'
import { agentKey } from './agent-key.ts'
import type { AgentParts } from './agent-parts.ts'
import { createAgentPurse } from './agent-purse.ts'
import { think } from './agent-thought.ts'
import { createModels } from './models-client.ts'
import { createTools } from './tools-client.ts'

/** The hands of an agent: they call the model and the tools as the chart commands, and take back what is not wanted. */
export function agentRunner(parts: AgentParts): AnyActorLogic {
  return fromService<AgentCommand, undefined>((service) => {
    const { type, key } = parseAddress(service.owner)
    const lent = parts.gates.find(service.clock, key)
    const gates = lent ?? parts.gates.of(service)
    const models = createModels(service, parts.models, { gates })
    const client = createTools(service, parts.tools)
    const purse = createAgentPurse(service, parts)
    const forbidden = forbiddenTools(parts, service.principal)
    // A durable agent is the same in its next life. Any other has one, and whoever has its key later does other work.
    const identity = parts.durability === 'durable' ? service.idempotencyKey : service.random.id()
    const underWay = new Set<Promise<unknown>>()
    let controller = new AbortController()

    function track(kind: 'turn.ended' | 'call.ended', work: Promise<object>): void {
      const told = work.then((outcome) => {
        underWay.delete(told)
        service.tell({ type: kind, ...outcome })
      })
      underWay.add(told)
    }

    function toolsFor({ run, input }: AgentContext) {
      const { id, step } = run as AgentRun
      const name = agentKey(type, key, id, step)
      const idempotencyKey = `${identity}:${id}.${step}`
      return { parts, name, idempotencyKey, id, signal: controller.signal, budget: () => purse.of(id, input.budget) }
    }

    function startThinking(context: AgentContext): void {
      const { name, id, ...rest } = toolsFor(context)
      const streams = context.run?.listeners.some((listener) => listener.streams) ?? false
      const hear = (chunk: CallChunk): void => service.tell({ type: 'turn.spoke', run: id, chunks: [chunk] })
      const nonce = parts.plan.asksHuman ? service.random.id() : ''
      track('turn.ended', think({ ...rest, models, forbidden, key: name, nonce, hear: streams ? hear : null }, context))
    }

    function startCall(context: AgentContext, at: number, again: boolean): void {
      const tools = toolsFor(context)
      track('call.ended', act({ ...tools, ...namesOf(tools, at), hands: service, client, gates }, context, at, again))
    }

    async function abort({ run }: AgentContext): Promise<void> {
      controller.abort(new TroupeError('CANCELLED', run?.verdict?.error.message ?? 'the run is over'))
      controller = new AbortController()
      await Promise.all(underWay)
      service.tell({ type: 'run.stopped', run: run?.id } as MessageEvent)
    }

    service.receive((command) => {
      switch (command.type) {
        case 'think':
          return startThinking(command.context)
        case 'call':
          return startCall(command.context, command.at, command.again)
        case 'abort':
          return void abort(command.context)
        case 'finish':
          return purse.close(command.run)
      }
    })
    return () => {
      if (!lent) gates.close()
      if (underWay.size > 0) controller.abort(new TroupeError('CANCELLED', 'the agent was stopped'))
    }
  })
}

function namesOf({ name, idempotencyKey }: { readonly name: string; readonly idempotencyKey: string }, at: number) {
  return { name: agentKey(name, at), idempotencyKey: `${idempotencyKey}.${at}` }
}

// Deny by default: what the agent does not hold every grant for is not even offered.
function forbiddenTools({ plan, tools }: AgentParts, principal: Principal): readonly string[] {
  return plan.allowed.filter((name) => {
    const { requires, key } = tools.get(name)
    return requires.some((grant) => !isGranted(principal, grant, key))
  })
}

function isGranted(principal: Principal, grant: string, where: string): boolean {
  try {
    authorise(principal, grant, where)
    return true
  } catch (error) {
    if (isTroupeError(error, 'FORBIDDEN')) return false
    throw error
  }
}
