import { FAILURE_HINTS, type FailureCategory } from '../../machines/model-failure.ts'

/** Where a provider is and what its key is called: what somebody corrects when it cannot be used. */
export interface ProviderSetup {
  readonly baseURL: string
  /** Where its key comes from: a variable of the environment, or an option. */
  readonly keyName: string
}

// Nobody was there to answer.
const UNREACHED = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOST|ENET|CERT|ERR_INVALID_URL|UND_ERR_CONNECT/

/** What to set, and where, after a failure of this category. `details` is all that is known of its cause. */
export function failureHint(category: FailureCategory, details: string, setup?: ProviderSetup): string | undefined {
  const general = FAILURE_HINTS[category]
  if (!setup) return general
  const { baseURL, keyName } = setup
  switch (category) {
    case 'authentication':
      return `set ${keyName}: the key is missing, wrong, revoked or of another organisation than ${baseURL} knows`
    case 'permission':
      return `the key in ${keyName} may not do this: check its project, region and grants`
    case 'not_found':
      return `${general}; if it is there, check baseURL, which is ${baseURL}`
    case 'network':
    case 'timeout':
      return UNREACHED.test(details) ? `start the server, or correct baseURL: nobody answers at ${baseURL}` : general
    default:
      return general
  }
}
