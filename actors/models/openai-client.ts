import type OpenAI from 'openai'

/** What a client of the OpenAI SDK is made with. */
export interface OpenaiClientSettings {
  readonly apiKey: string
  readonly baseURL: string
  readonly organization?: string | undefined
  readonly fetch?: typeof fetch | undefined
}

/** As long as a timer can be: deadlines are the caller's. */
const NO_TIMEOUT = 2_147_483_647

/**
 * A client that tries once, waits as long as it is let, and writes no log. It is given all that the SDK would otherwise
 * take from the environment, so that a server of one's own never sees what is OpenAI's. The SDK is loaded here, with the
 * first call.
 */
export async function openaiClient({ apiKey, baseURL, organization, fetch }: OpenaiClientSettings): Promise<OpenAI> {
  const { OpenAI: Client } = await import('openai')
  return new Client({
    apiKey,
    baseURL,
    adminAPIKey: null,
    organization: organization ?? null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: NO_TIMEOUT,
    logLevel: 'off',
    ...(fetch ? { fetch } : {}),
  })
}
