import { isName } from '../runtime/protocol/address.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { anthropic } from './models/anthropic.ts'
import { compatible } from './models/compatible.ts'
import { lmstudio, ollama, vllm } from './models/local-servers.ts'
import type { ModelProvider } from './models/model-provider.ts'
import { openai } from './models/openai.ts'
import { keyVariable } from './models/provider-key.ts'

/** The providers that need no address, and the variable that has the key of each; null where there is none. */
export const PROVIDER_KEYS: Readonly<Record<string, string | null>> = {
  openai: 'OPENAI_API_KEY',
  anthropic: 'ANTHROPIC_API_KEY',
  lmstudio: null,
  ollama: null,
  vllm: null,
}

const MAKERS: Readonly<Record<string, (options: { readonly baseURL?: string }) => ModelProvider>> = {
  openai,
  anthropic,
  lmstudio,
  ollama,
  vllm,
}

/**
 * The provider of a name, as a command line or a configuration has it, with its key from the environment. Any name will do
 * for a compatible server whose address is given; on this machine, tokens without a price are free. Throws INVALID_MESSAGE
 * for a name that nobody knows.
 */
export function namedProvider(name: string, baseURL?: string): ModelProvider {
  if (baseURL !== undefined && !URL.canParse(baseURL)) {
    throw wrong(`'${baseURL}' is no address of a server`, 'write it with its scheme, as in http://localhost:1234/v1')
  }
  const at = baseURL === undefined ? {} : { baseURL }
  const maker = Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined
  if (maker) return maker(at)
  if (baseURL === undefined || !isName(name)) {
    const known = Object.keys(MAKERS).join(', ')
    throw wrong(
      `there is no provider '${name}'`,
      `there are: ${known}; any other name goes with the address of its server`,
    )
  }
  const apiKey = keyIn(keyVariable(name))
  return compatible({ name, baseURL, free: isHere(baseURL), ...(apiKey === undefined ? {} : { apiKey }) })
}

/** Throws INVALID_MESSAGE, naming the variable, when the provider of a name needs a key and there is none. */
export function assertProviderKey(name: string): void {
  const variable = PROVIDER_KEYS[name] ?? null
  if (variable === null || keyIn(variable) !== undefined) return
  throw wrong(`there is no key for ${name}: ${variable} is not set`, `set ${variable} in the environment`)
}

/** The value of a variable of the environment; undefined where it is not set or empty. */
export function keyIn(variable: string): string | undefined {
  // oxlint-disable-next-line node/no-process-env
  const key = process.env[variable]?.trim()
  return key === '' ? undefined : key
}

function isHere(baseURL: string): boolean {
  const { hostname } = new URL(baseURL)
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}

function wrong(message: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', message, { where: 'provider', hint })
}
