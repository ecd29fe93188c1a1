import { expect, it } from 'vitest'
import { createFaultServer } from '../../../actors/models/fault-server.ts'
import { openFaultServer } from '../../support/models/open-fault-server.ts'
import { callModel, PROVIDERS } from '../../support/models/provider-matrix.ts'

it.each([
  [{ answer: [] }, 'createFaultServer.answer'],
  [{ answers: [{ stallsAfter: 1 }] }, 'createFaultServer.answers.0'],
  [{ answers: [{}, { usage: { input: 1, out: 2 } }] }, 'createFaultServer.answers.1'],
  [{ answers: [{ error: { kind: 'overloaded' } }] }, 'createFaultServer.answers.0'],
  [{ answers: [{ status: '500' }] }, 'createFaultServer.answers.0'],
  [{ answers: ['thirty'] }, 'createFaultServer.answers.0'],
])('a fault server does not start with %j', async (options, where) => {
  await expect(createFaultServer(options as never)).rejects.toMatchObject({ code: 'INVALID_MESSAGE', where })
})

for (const [name, make] of PROVIDERS) {
  it(`${name}: an answer that is made wrong is told to whoever asked`, async () => {
    const server = await openFaultServer({ answers: () => ({ stallsAfter: 1 }) as never })
    const { error, failure } = await callModel(make(server))
    expect(error?.message).toContain('stallsAfter')
    expect(failure).toMatchObject({ category: 'validation', status: 400 })
  })
}
