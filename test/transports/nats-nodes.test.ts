import { describe, expect, it } from 'vitest'
import { code, pause } from '../support/runtime/outcome.ts'
import { bytes, natsStage, soon, text, thing } from '../support/nats/nats-stage.ts'

const stage = natsStage()

describe('a node that is killed', () => {
  it('keeps its addresses until its lease has run out, and not longer', async () => {
    const server = await stage.server()
    const options = { servers: server.url, lease: '2s' } as const
    const node = await stage.node('far', options)
    const { link } = await stage.join(options)
    expect(await node.tell('claim k')).toBe(null)
    await node.kill()
    const killed = Date.now()
    expect(await code(link.claim(thing('k')))).toBe('CONFLICT')
    while ((await code(link.claim(thing('k')))) !== 'none' && Date.now() - killed < 8_000) await pause(50)
    expect(await code(link.claim(thing('k')))).toBe('none')
    expect(Date.now() - killed).toBeLessThan(4_500)
  })

  it('does not let those wait whom it will never answer, however late their deadline', async () => {
    const server = await stage.server()
    const options = { servers: server.url, lease: '1s' } as const
    const node = await stage.node('far', options)
    await node.tell('claim k')
    const { link } = await stage.join(options)
    const asked = code(link.request(thing('k'), bytes('hang'), soon(3_600_000)))
    const byType = code(link.request(thing('other'), bytes('hang'), soon(3_600_000)))
    await pause(1_500)
    await node.kill()
    expect(await Promise.all([asked, byType])).toEqual(['UNAVAILABLE', 'UNAVAILABLE'])
  })

  it('is told from one that works for long: its requests are waited for', async () => {
    const server = await stage.server()
    const options = { servers: server.url, lease: '1s' } as const
    const node = await stage.node('far', options)
    await node.tell('claim k')
    const { link } = await stage.join(options)
    expect(text(await link.request(thing('k'), bytes('work'), soon(20_000)))).toBe('far:work')
  })

  it('leaves its type to the others: a request to one of its addresses is theirs when the lease has run out', async () => {
    const server = await stage.server()
    const options = { servers: server.url, lease: '1s' } as const
    const node = await stage.node('far', options)
    await node.tell('claim k')
    const { link, id } = await stage.join(options, { types: ['thing'] })
    expect(text(await link.request(thing('k'), bytes('x'), soon()))).toBe('far:x')
    await node.kill()
    const outcomes = new Set<string>()
    for (let tries = 0; tries < 100 && !outcomes.has(`${id}:x`); tries++) {
      outcomes.add(await link.request(thing('k'), bytes('x'), soon()).then(text, () => 'refused'))
    }
    expect([...outcomes].filter((outcome) => outcome !== 'refused')).toEqual([`${id}:x`])
  })
})

describe('a node that stood still for longer than its lease', () => {
  it('answers for no address that another node has taken meanwhile, and hears that it has lost it', async () => {
    const server = await stage.server()
    const options = { servers: server.url, lease: '1s' } as const
    const zombie = await stage.node('zombie', options)
    await zombie.tell('claim lost')
    await zombie.tell('claim kept')
    const { link, id } = await stage.join(options, { types: ['thing'] })
    const asker = await stage.join(options)
    expect(text(await asker.link.request(thing('lost'), bytes('1'), soon()))).toBe('zombie:1')
    const worked = code(asker.link.request(thing('lost'), bytes('work'), soon(20_000)))
    await pause(100)
    zombie.signal('SIGSTOP')
    // Lies in its socket until it goes on.
    const inSocket = asker.link.request(thing('lost'), bytes('2'), soon(20_000)).then(text)
    let taken = 'CONFLICT'
    while (taken !== 'none') {
      await pause(50)
      taken = await code(link.claim(thing('lost')))
    }
    zombie.signal('SIGCONT')
    expect(await inSocket).toBe(`${id}:2`)
    for (let n = 3; n < 30; n++) {
      expect(text(await asker.link.request(thing('lost'), bytes(`${n}`), soon()))).toBe(`${id}:${n}`)
    }
    expect(await worked).toBe('UNAVAILABLE')
    expect(await zombie.tell('request lost again')).toBe(`${id}:again`)
    expect(text(await asker.link.request(thing('kept'), bytes('3'), soon()))).toBe('zombie:3')
    expect(await code(link.claim(thing('kept')))).toBe('CONFLICT')
    expect(await zombie.tell('statuses')).toEqual(['lease-lost', 'claim-lost'])
    expect(await zombie.tell('claim lost')).toBe('ERROR:CONFLICT')
  })

  it('has all its addresses again when nobody has taken them', async () => {
    const server = await stage.server()
    const options = { servers: server.url, lease: '1s' } as const
    const zombie = await stage.node('zombie', options)
    await zombie.tell('claims 500')
    const { link } = await stage.join(options)
    zombie.signal('SIGSTOP')
    await pause(2_500)
    zombie.signal('SIGCONT')
    for (let n = 0; n < 500; n++) {
      expect(text(await link.request(thing(`n${n}`), bytes('x'), soon()))).toBe('zombie:x')
      expect(await code(link.claim(thing(`n${n}`)))).toBe('CONFLICT')
    }
  })
})

it('a second node of the same name is refused while the first is there', async () => {
  const server = await stage.server()
  const { link } = await stage.join({ servers: server.url, lease: '1s' }, { id: 'twin' })
  expect(await code(stage.join({ servers: server.url }, { id: 'twin' }))).toBe('CONFLICT')
  await link.close()
  await stage.join({ servers: server.url }, { id: 'twin' })
})
