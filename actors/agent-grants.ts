import { TroupeError } from '../runtime/protocol/errors.ts'
import type { Principal } from '../runtime/protocol/principal.ts'

/**
 * What a session needs to work at all, beside what its tools require. None of it lets a tool answer a question in a human's
 * place.
 */
export const SESSION_GRANTS: readonly string[] = ['troupe.spawn', 'troupe.observe', 'troupe.stop', 'agent.run']

/** Throws FORBIDDEN, naming every grant that is missing, unless a session for the principal could work. */
export function assertSessionGrants({ id, grants }: Principal, agent: string): void {
  const missing = grants.includes('*') ? [] : SESSION_GRANTS.filter((grant) => !grants.includes(grant))
  if (missing.length === 0) return
  const needed = [...grants, ...missing].map((grant) => `'${grant}'`).join(', ')
  throw new TroupeError(
    'FORBIDDEN',
    `'${id}' holds no ${missing.join(', ')}, which every session of '${agent}' needs`,
    {
      where: 'createAgent.principal',
      hint: `give it { id: '${id}', grants: [${needed}] }, as far as the runtime holds them; 'agent.answer' to answer questions`,
    },
  )
}
