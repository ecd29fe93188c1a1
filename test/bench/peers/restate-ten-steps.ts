import type { Probe } from '../bench-case.ts'
import { inFlight } from '../in-flight.ts'
import { loadPeer } from '../load-peer.ts'
import { checkSteps, STEPS, stepWork } from '../workload/step-work.ts'
import { createRestateServer, freePort } from './restate-server.ts'

interface Context {
  run(name: string, work: () => Promise<number>): Promise<number>
}

interface Restate {
  service(definition: {
    readonly name: string
    readonly handlers: Readonly<Record<string, (context: Context, input: number) => Promise<number>>>
  }): object
  serve(options: { readonly services: readonly object[]; readonly port: number }): Promise<number>
}

/** Restate: ten durable steps one after the other, so many runs at a time; runs a second. */
export async function restateTenSteps(count: number, atOnce: number): Promise<Probe> {
  const restate = await loadPeer<Restate>('@restatedev/restate-sdk')
  const steps = async (context: Context, input: number) => {
    let value = input
    for (let index = 0; index < STEPS; index += 1) {
      const before = value
      value = await context.run(`step${index}`, () => stepWork(before))
    }
    return value
  }
  const services = [restate.service({ name: 'bench', handlers: { steps } })]
  const port = await restate.serve({ services, port: await freePort() })
  const server = await createRestateServer()
  await server.register(port)
  return {
    check: async () => checkSteps(await server.call('bench/steps', 0)),
    sample: () => inFlight(count, atOnce, () => server.call('bench/steps', 0)),
  }
}
