import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { nkeys } from '@nats-io/transport-node'
import { describe, expect, it } from 'vitest'
import { natsStage } from '../support/nats/nats-stage.ts'
import { code } from '../support/runtime/outcome.ts'
import { scratchFolder } from '../support/transports/scratch-folder.ts'

const stage = natsStage()
const scratch = scratchFolder()
const certificate = (name: string): string => fileURLToPath(new URL(`../fixtures/nats/${name}`, import.meta.url))

describe('a node logs in', () => {
  it('with the seed of a nkey that the server knows, and with no other', async () => {
    const [known, other] = [nkeys.createUser(), nkeys.createUser()]
    const seedOf = (pair: typeof known): string => new TextDecoder().decode(pair.getSeed())
    const { url } = await stage.server({ config: `authorization: { users: [{ nkey: ${known.getPublicKey()} }] }` })
    await stage.join({ servers: url, nkey: seedOf(known) })
    expect(await code(stage.join({ servers: url, nkey: seedOf(other) }))).toBe('FORBIDDEN')
    expect(await code(stage.join({ servers: url }))).toBe('FORBIDDEN')
  })

  it('with a user and a password', async () => {
    const { url } = await stage.server({ config: 'authorization: { user: ann, password: secret }' })
    await stage.join({ servers: url, user: 'ann', password: 'secret' })
    expect(await code(stage.join({ servers: url, user: 'ann' }))).toBe('FORBIDDEN')
  })

  it('with a file of credentials, which has to be one', async () => {
    const { url } = await stage.server()
    writeFileSync(scratch('user.creds'), 'nothing of the kind')
    await expect(stage.join({ servers: url, credentials: scratch('user.creds') })).rejects.toMatchObject({
      code: 'INVALID_MESSAGE',
      where: scratch('user.creds'),
    })
  })

  it('over TLS, to a server whose authority it trusts', async () => {
    const files = `cert_file: "${certificate('server.pem')}", key_file: "${certificate('server-key.pem')}"`
    const { url } = await stage.server({ config: `tls: { ${files} }` })
    await stage.join({ servers: url, tls: { ca: certificate('authority.pem') } })
    await expect(stage.join({ servers: url, tls: true })).rejects.toMatchObject({ code: 'UNAVAILABLE', where: url })
    await expect(stage.join({ servers: url, tls: { ca: '/none/here.pem' } })).rejects.toMatchObject({
      code: 'INVALID_MESSAGE',
      where: '/none/here.pem',
    })
  })

  it('over TLS that also proves who the node is', async () => {
    const [cert, key, ca] = [certificate('server.pem'), certificate('server-key.pem'), certificate('authority.pem')]
    const tls = `tls: { cert_file: "${cert}", key_file: "${key}", ca_file: "${ca}", verify: true }`
    const { url } = await stage.server({ config: tls })
    await stage.join({ servers: url, tls: { ca, cert, key } })
    expect(await code(stage.join({ servers: url, tls: { ca } }))).toBe('UNAVAILABLE')
  })
})
