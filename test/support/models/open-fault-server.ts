import { afterEach } from 'vitest'
import { createFaultServer, type FaultServer, type FaultServerOptions } from '../../../actors/models/fault-server.ts'

const open: FaultServer[] = []

afterEach(async () => {
  for (const server of open.splice(0)) await server.stop()
})

/** A fault server that stops with its test. */
export async function openFaultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  const server = await createFaultServer(options)
  open.push(server)
  return server
}
