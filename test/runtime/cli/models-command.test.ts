import { afterEach, describe, expect, it, vi } from 'vitest'
import { pack } from '../../../actors/actor-commands.ts'
import { modelsCommand, type ProviderListing } from '../../../actors/models.command.ts'
import { openFaultServer } from '../../support/models/open-fault-server.ts'
import { runCommand } from './command-run.ts'
import { troupe } from './troupe-command.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

const LIST = { object: 'list', data: [{ id: 'qwen-8b', owned_by: 'vllm', max_model_len: 32_768 }, { id: 'other' }] }

describe('troupe models', () => {
  it('lists the models of a server with what it tells of them, and that they are free on this machine', async () => {
    const { baseURL } = await openFaultServer({ paths: { '/v1/models': LIST } })
    const { code, out } = await runCommand(modelsCommand, '--base-url', baseURL, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out) as ProviderListing[]).toMatchObject([
      {
        provider: 'compatible',
        healthy: true,
        server: 'vLLM',
        models: [
          { id: 'compatible/qwen-8b', contextWindow: 32_768, price: { inputPerMillionUsd: 0, outputPerMillionUsd: 0 } },
          { id: 'compatible/other', contextWindow: null },
        ],
      },
    ])
  })

  it('prints them for people, as text and nothing else', async () => {
    const data = [{ id: 'evil\u001b[2J\nmodel', owned_by: 'vllm' }]
    const { baseURL } = await openFaultServer({ paths: { '/v1/models': { data } } })
    const { out } = await runCommand(modelsCommand, '--base-url', baseURL)
    expect(out).toContain('compatible (vLLM): 1 model')
    expect(out).toContain('free')
    expect(out).not.toContain('\u001b')
    expect(out.trim().split('\n')).toHaveLength(2)
  })

  it('says of a server that is out of reach that it is', async () => {
    const server = await openFaultServer()
    await server.stop()
    const { code, out } = await runCommand(modelsCommand, '--base-url', server.baseURL)
    expect(code).toBe(1)
    expect(out).toMatch(/^compatible: out of reach: /)
  })

  it('is among the commands, and lists no provider without a key', async () => {
    expect(pack.commands).toContain(modelsCommand)
    vi.stubEnv('OPENAI_API_KEY', '')
    vi.stubEnv('ANTHROPIC_API_KEY', '')
    const [help, { code, out }] = await Promise.all([troupe('--help'), troupe('models', '--json')])
    expect(help.out).toContain('models')
    expect(code).toBe(0)
    const names = (JSON.parse(out) as ProviderListing[]).map(({ provider }) => provider)
    expect(names).not.toContain('openai')
    expect(names).not.toContain('anthropic')
  })

  it('refuses what cannot be an address', async () => {
    const { error } = await runCommand(modelsCommand, '--base-url', 'over there')
    expect(error?.message).toBe("--base-url takes an address, not 'over there'")
  })
})
