import { connect, type Socket } from 'node:net'

/** A client of NATS that knows nothing of Troupe: what any program on the same servers could send. */
export interface PlainClient {
  /** Sends a message, to be answered on `reply` if it is given. */
  publish(subject: string, payload: string | Uint8Array, reply?: string): Promise<void>
  subscribe(subject: string, hear: (subject: string, payload: string) => void): Promise<void>
  /** Asks, and resolves to the text of the answer. */
  request(subject: string, payload: string): Promise<string>
  close(): void
}

/** Connects to `host:port`, with further fields of CONNECT. */
export async function plainClient(url: string, login: object = {}): Promise<PlainClient> {
  const [host = '', port] = url.split(':')
  const socket: Socket = connect(Number(port), host)
  const hearers = new Map<string, (subject: string, payload: string) => void>()
  const pongs: (() => void)[] = []
  let buffer = Buffer.alloc(0)
  let numbers = 0
  socket.on('data', (bytes: Buffer) => {
    buffer = Buffer.concat([buffer, bytes])
    for (let end = buffer.indexOf('\r\n'); end >= 0; end = buffer.indexOf('\r\n')) {
      const line = buffer.subarray(0, end).toString()
      const [verb, subject = '', sid = '', ...rest] = line.split(' ')
      const size = verb === 'MSG' ? Number(rest.at(-1)) : 0
      if (verb === 'MSG' && buffer.length < end + 4 + size) return
      const payload = buffer.subarray(end + 2, end + 2 + size).toString()
      buffer = buffer.subarray(verb === 'MSG' ? end + 4 + size : end + 2)
      if (verb === 'MSG') hearers.get(sid)?.(subject, payload)
      if (verb === 'PING') socket.write('PONG\r\n')
      if (verb === 'PONG') pongs.shift()?.()
    }
  })
  socket.on('error', () => {})
  const sent = (bytes: string | Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      pongs.push(resolve)
      socket.write(Buffer.concat([Buffer.from(bytes), Buffer.from('PING\r\n')]))
    })
  await sent(`CONNECT ${JSON.stringify({ verbose: false, headers: false, lang: 'test', version: '1', ...login })}\r\n`)

  async function subscribe(subject: string, hear: (subject: string, payload: string) => void): Promise<void> {
    const sid = String(++numbers)
    hearers.set(sid, hear)
    await sent(`SUB ${subject} ${sid}\r\n`)
  }

  function publish(subject: string, payload: string | Uint8Array, reply = ''): Promise<void> {
    const body = Buffer.from(payload)
    return sent(Buffer.concat([Buffer.from(`PUB ${subject} ${reply} ${body.length}\r\n`), body, Buffer.from('\r\n')]))
  }

  return {
    publish,
    subscribe,
    async request(subject, payload) {
      const reply = `plain.${++numbers}`
      const answered = new Promise<string>((resolve, reject) => {
        setTimeout(() => reject(new Error(`no answer on ${subject}`)), 5_000).unref()
        void subscribe(reply, (_subject, text) => resolve(text)).then(() => publish(subject, payload, reply))
      })
      return answered
    },
    close: () => socket.destroy(),
  }
}
