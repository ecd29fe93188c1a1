import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { address } from '../../../runtime/protocol/address.ts'
import { errorValue } from '../../../runtime/protocol/errors.ts'
import { nats, type NatsOptions, type NatsStatus } from '../../../transports/nats/index.ts'

/**
 * A node in a process of its own, which does as it is told, one line of input at a time, and answers each with a line of
 * JSON. It hosts 'thing' and answers `ID:TEXT`, but for `hang`, and for `work`, which takes it three seconds.
 */
const [id = '', options = '{}'] = process.argv.slice(2)
const statuses: NatsStatus[] = []
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (frame: Uint8Array): string => new TextDecoder().decode(frame)
const thing = (key: string) => address('realm', 'thing', key)

const link = await nats({ ...(JSON.parse(options) as NatsOptions), onStatus: (status) => statuses.push(status) }).join({
  id,
  realm: 'realm',
  types: ['thing'],
  async handle(frame) {
    const text = textOf(frame)
    if (text === 'hang') return new Promise(() => {})
    if (text === 'work') await new Promise((resolve) => setTimeout(resolve, 3_000))
    return bytes(`${id}:${text}`)
  },
  take() {},
})

const COMMANDS: Readonly<Record<string, (key: string, text: string) => Promise<unknown>>> = {
  claim: (key) => link.claim(thing(key)),
  release: async (key) => link.release(thing(key)),
  request: async (key, text) => textOf(await link.request(thing(key), bytes(text), { deadline: Date.now() + 20_000 })),
  statuses: async () => statuses.map(({ kind }) => kind),
  async claims(count) {
    await Promise.all(Array.from({ length: Number(count) }, (_, n) => link.claim(thing(`n${n}`))))
  },
}

function answer(value: unknown): void {
  writeSync(1, `${JSON.stringify(value)}\n`)
}

answer({ value: 'joined' })
for await (const line of createInterface({ input: process.stdin })) {
  const [command = '', key = '', text = ''] = line.split(' ')
  // One does not wait for the other: each answer bears its line.
  void (COMMANDS[command]?.(key, text) ?? Promise.reject(new Error(`what is ${command}?`))).then(
    (value) => answer({ line, value: value ?? null }),
    (thrown: unknown) => answer({ line, error: errorValue(thrown) }),
  )
}
