import { memory } from '../../transports/memory/index.ts'
import { transportConformance } from '../conformance/transport.conformance.ts'
import { runtimeScenarios } from '../conformance/runtime-scenarios.ts'

transportConformance('memory()', async () => {
  const wire = memory()
  return { transport: () => wire, close: async () => {} }
})

runtimeScenarios('memory()', async () => {
  const wire = memory()
  return { transport: () => wire, close: async () => {} }
})
