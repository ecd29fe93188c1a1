import { type CompatibleOptions, compatible } from './compatible.ts'
import type { ModelProvider } from './model-provider.ts'
import type { ServerCapabilities } from './server-capabilities.ts'
import type { ServerKind } from './server-listing.ts'

/** What may be said of a server of one's own. */
export type LocalServerOptions = Partial<Omit<CompatibleOptions, 'server'>>

const CAPABLE: ServerCapabilities = { form: 'json_schema', streamUsage: true, tools: true, effort: false }

/** LM Studio on this machine. A model that is not loaded loads with its first call, so its first chunk comes late. */
export function lmstudio(options: LocalServerOptions = {}): ModelProvider {
  return local('lmstudio', 'http://localhost:1234/v1', options)
}

/** Ollama on this machine. */
export function ollama(options: LocalServerOptions = {}): ModelProvider {
  return local('ollama', 'http://localhost:11434/v1', options)
}

/** vLLM on this machine. It calls tools if it was started so. */
export function vllm(options: LocalServerOptions = {}): ModelProvider {
  return local('vllm', 'http://localhost:8000/v1', options)
}

function local(server: ServerKind, baseURL: string, options: LocalServerOptions): ModelProvider {
  const capabilities = { ...CAPABLE, ...options.capabilities }
  return compatible({ name: server, baseURL, ...options, capabilities, server })
}
