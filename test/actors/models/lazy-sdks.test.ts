import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const PROBE = `
  import { registerHooks } from 'node:module'
  const loaded = []
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
  const { openai } = await import('./actors/models/openai.ts')
  const { anthropic } = await import('./actors/models/anthropic.ts')
  const { ollama } = await import('./actors/models/local-servers.ts')
  const providers = [openai(), anthropic(), ollama()]
  console.log(JSON.stringify({ count: providers.length, sdks: loaded.filter((url) => /node_modules.(openai|@anthropic-ai)/.test(url)) }))
`

it('no SDK is loaded before the first call', () => {
  const cwd = fileURLToPath(new URL('../../..', import.meta.url))
  const told = execFileSync(process.execPath, ['--input-type=module', '--eval', PROBE], { cwd, encoding: 'utf8' })
  expect(JSON.parse(told)).toEqual({ count: 3, sdks: [] })
})
