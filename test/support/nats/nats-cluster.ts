import { createServer } from 'node:net'
import { type NatsServer, natsServer } from './nats-server.ts'
import { plainClient } from './plain-client.ts'

/** Three servers that are one. */
export interface NatsCluster {
  readonly servers: readonly NatsServer[]
  readonly urls: readonly string[]
  /** The server that leads a stream. */
  leader(stream: string): Promise<NatsServer>
  close(): Promise<void>
}

/** Starts three servers and waits until they have found a leader. */
export async function natsCluster(): Promise<NatsCluster> {
  const ports = await freePorts(6)
  const routes = ports.slice(3)
  const all = routes.map((port) => `nats-route://127.0.0.1:${port}`)
  const servers = await Promise.all(
    routes.map((route, n) =>
      natsServer({
        name: `s${n}`,
        port: ports[n] ?? -1,
        config: `cluster: { name: test, listen: "127.0.0.1:${route}", routes: ${JSON.stringify(all)} }`,
      }),
    ),
  )
  const urls = servers.map(({ url }) => url)
  await answered(urls[0] ?? '', '$JS.API.INFO')
  return {
    servers,
    urls,
    async leader(stream) {
      const info = await answered(urls[0] ?? '', `$JS.API.STREAM.INFO.${stream}`)
      const server = servers[Number(/"leader":"s(\d)"/.exec(info)?.[1])]
      if (!server) throw new Error(`the stream ${stream} has no leader among the three: ${info}`)
      return server
    },
    async close() {
      await Promise.all(servers.map((server) => server.close()))
    },
  }
}

/** Asks the servers until they are agreed enough to answer. */
async function answered(url: string, subject: string): Promise<string> {
  const client = await plainClient(url)
  try {
    for (let tries = 0; tries < 200; tries++) {
      const text = await client.request(subject, '').catch(() => '')
      if (text !== '' && !text.includes('"error"')) return text
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`the cluster does not answer on ${subject}`)
  } finally {
    client.close()
  }
}

// Routes name each other's ports before there is a server: those of sockets that are open at the same time differ.
async function freePorts(count: number): Promise<number[]> {
  const sockets = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const socket = createServer().listen(0, '127.0.0.1', () => resolve(socket))
        }),
    ),
  )
  const ports = sockets.map((socket) => (socket.address() as { port: number }).port)
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.close(resolve))))
  return ports
}
