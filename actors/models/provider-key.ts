import { failedCall } from './failed-call.ts'

/** The variable of the environment in which a command line finds the key of a server, by the name that the server was given. */
export function keyVariable(provider: string): string {
  return `${provider.toUpperCase().replaceAll('-', '_')}_API_KEY`
}

/** The key given, or the one of the environment. Throws a failure of `authentication` that names the variable. */
export function providerKey(given: string | undefined, variable: string, provider: string): string {
  const key = given ?? process.env[variable]
  if (key !== undefined && key.trim() !== '') return key.trim()
  const [what, hint] =
    given === undefined
      ? [`${variable} is not set`, `set ${variable} in the environment, or give apiKey`]
      : ['the apiKey that was given is empty', `give a key, or leave apiKey out: then ${variable} is read`]
  throw failedCall('authentication', `${provider}: there is no key: ${what}`, {
    where: provider,
    code: 'key.missing',
    hint,
  })
}
