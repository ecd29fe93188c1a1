import { nats } from '../../transports/nats/index.ts'
import { runtimeScenarios } from '../conformance/runtime-scenarios.ts'
import { type TransportUnderTest, transportConformance } from '../conformance/transport.conformance.ts'
import { natsServer } from '../support/nats/nats-server.ts'

async function freshServer(): Promise<TransportUnderTest> {
  const server = await natsServer()
  return { transport: () => nats({ servers: server.url }), close: () => server.close() }
}

transportConformance('nats()', freshServer)

runtimeScenarios('nats()', freshServer)
