import { TroupeError } from './errors.ts'

/** Who asks, and what they may ask for. Grants can only be narrowed on the way down. */
export interface Principal {
  readonly id: string
  /** Names of grants held; `'*'` holds every one. */
  readonly grants: readonly string[]
}

/** The principal of code that runs inside the runtime's own process. */
export const LOCAL_PRINCIPAL: Principal = Object.freeze({ id: 'local', grants: Object.freeze(['*']) })

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
