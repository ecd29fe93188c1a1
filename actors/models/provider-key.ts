import { failedCall } from './failed-call.ts'

/** The key given, or the one of the environment. Throws a failure of `authentication` that names the variable. */
export function providerKey(given: string | undefined, variable: string, provider: string): string {
  const key = given ?? process.env[variable]
  if (key !== undefined && key.trim() !== '') return key.trim()
  throw failedCall('authentication', `${provider}: there is no key: ${variable} is not set`, {
    where: provider,
    code: 'key.missing',
    hint: `set ${variable} in the environment, or give apiKey`,
  })
}
