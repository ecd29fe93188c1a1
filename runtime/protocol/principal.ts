import { TroupeError } from './errors.ts'

/** Who asks, and what they may ask for. Grants can only be narrowed on the way down. */
export interface Principal {
  readonly id: string
  /** Names of grants held; `'*'` holds every one. */
  readonly grants: readonly string[]
}

/** The principal of code that runs inside the runtime's own process. */
export const LOCAL_PRINCIPAL: Principal = Object.freeze({ id: 'local', grants: Object.freeze(['*']) })

/** The principal, if it is one. Throws INVALID_MESSAGE. */
export function checkPrincipal(value: Principal): Principal {
  const { id, grants } = (value ?? {}) as { readonly id?: unknown; readonly grants?: unknown }
  if (typeof id === 'string' && Array.isArray(grants) && grants.every((grant) => typeof grant === 'string'))
    return value
  throw new TroupeError('INVALID_MESSAGE', 'a principal has an id and a list of grants', {
    where: 'principal',
    hint: "write { id: 'ann', grants: ['read'] }",
  })
}

/** True when the principal holds the grant. */
function holds(principal: Principal, grant: string): boolean {
  return principal.grants.includes('*') || principal.grants.includes(grant)
}

/** The principal with at most the grants named: what it did not hold, it does not gain. */
export function narrow(principal: Principal, grants: readonly string[]): Principal {
  if (grants.includes('*')) return principal
  if (principal.grants.includes('*')) return { id: principal.id, grants }
  return { id: principal.id, grants: principal.grants.filter((grant) => grants.includes(grant)) }
}

/** Throws FORBIDDEN, naming principal and grant, unless the grant is held. */
export function authorise(principal: Principal, grant: string, where: string): void {
  if (holds(principal, grant)) return
  throw new TroupeError('FORBIDDEN', `'${principal.id}' does not hold the grant '${grant}'`, {
    where,
    hint: `send it as a principal that holds '${grant}'`,
  })
}
