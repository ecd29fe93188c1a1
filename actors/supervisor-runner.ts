import type { AnyActorLogic } from 'xstate'
import type { PartOutcome } from '../machines/supervisor-changes.ts'
import type { AgentEntry, AgentRequest } from '../machines/supervisor.contract.ts'
import type { DispatchCommand } from '../machines/supervisor.machine.ts'
import type { ItemOutcome } from '../machines/workflow.contract.ts'
import type { ActorDefinition } from '../runtime/kernel/definition.ts'
import { fromService } from '../runtime/kernel/from-service.ts'
import { parseAddress } from '../runtime/protocol/address.ts'
import { type ActorSite, runActor, stopActors } from './actor-work.ts'
import { concludeRequest, type Synthesis } from './answer-synthesis.ts'

/** What the input of an agent is made of. */
export interface AgentInputScope {
  readonly request: AgentRequest
  readonly agent: AgentEntry
}

/** What a supervisor's runner needs beside the chart's commands. */
export interface SupervisorHands extends Synthesis {
  readonly actors: Readonly<Record<string, ActorDefinition>>
  readonly input: (scope: AgentInputScope) => unknown
}

/** The hands of a supervisor: it spawns an agent's actor for each request, and makes one answer of what they say. */
export function supervisorRunner(given: SupervisorHands): AnyActorLogic {
  return fromService<DispatchCommand, undefined>((service) => {
    const sites = new Map<string, ActorSite>()

    function start({ id, agent, request }: Extract<DispatchCommand, { do: 'start' }>): void {
      const site: ActorSite = { hands: service, open: true, actors: null, usage: null }
      const slot = slotOf(id, agent.name)
      sites.set(slot, site)
      void runAgent(site, `${parseAddress(service.owner).key}.${id}.${agent.name}`, { agent, request }).then(
        (outcome) => {
          if (!site.open) return
          sites.delete(slot)
          service.tell({ type: 'agent.ended', id, agent: agent.name, outcome: toPart(outcome) })
        },
      )
    }

    async function runAgent(site: ActorSite, key: string, scope: AgentInputScope): Promise<ItemOutcome> {
      try {
        const definition = given.actors[scope.agent.actor] as ActorDefinition
        return await runActor(site, { definition, key, input: given.input(scope), usage: null })
      } catch (error) {
        return { status: 'failed', reason: error instanceof Error ? error.message : String(error) }
      }
    }

    service.receive((command) => {
      if (command.do === 'start') return start(command)
      if (command.do === 'abort') {
        const slot = slotOf(command.id, command.agent)
        const site = sites.get(slot)
        sites.delete(slot)
        if (site) stopActors(site)
        return
      }
      const { id, request, parts } = command
      void concludeRequest(request, parts, given).then((answer) =>
        service.tell({ type: 'request.concluded', id, answer }),
      )
    })
    return () => {
      for (const site of sites.values()) stopActors(site)
    }
  })
}

function toPart(outcome: ItemOutcome): PartOutcome {
  if (outcome.status === 'done') return { status: 'answered', value: outcome.value }
  if (outcome.status === 'degraded') return { status: 'answered', value: outcome.value, degraded: outcome.reason }
  return { status: 'failed', reason: outcome.reason }
}

function slotOf(id: number, agent: string): string {
  return `${id} ${agent}`
}
