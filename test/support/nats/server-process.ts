import { writeSync } from 'node:fs'
import { natsServer } from './nats-server.ts'

/** A process that starts a server as a test would, says on which port, and goes on. */
const { port } = await natsServer()
writeSync(1, `${port}\n`)
setInterval(() => {}, 1_000)
