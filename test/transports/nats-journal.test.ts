import { afterAll, beforeAll } from 'vitest'
import { natsJournal } from '../../transports/nats/nats-journal.ts'
import { journalConformance } from '../conformance/journal.conformance.ts'
import { type NatsServer, natsServer } from '../support/nats/nats-server.ts'
import { plainClient } from '../support/nats/plain-client.ts'

let server: NatsServer
beforeAll(async () => {
  server = await natsServer()
})
afterAll(() => server.close())

journalConformance('nats', async () => {
  const options = { servers: server.url }
  const journal = natsJournal(options)
  let again: ReturnType<typeof natsJournal> | undefined
  return {
    journal,
    reopen: async () => {
      await journal.close()
      again = natsJournal(options)
      return again
    },
    clean: async () => {
      await journal.close()
      await again?.close()
      const client = await plainClient(server.url)
      await client.request('$JS.API.STREAM.DELETE.troupe-test-journal', '')
      client.close()
    },
  }
})
