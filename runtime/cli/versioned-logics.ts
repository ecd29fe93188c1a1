import { hostedChild } from '../kernel/children.ts'
import type { ActorDefinition } from '../kernel/definition.ts'
import { type HostedLogic, isLeaf } from '../kernel/hosted-logic.ts'
import type { VersionedLogic } from '../persistence/record-review.ts'

type Logic = HostedLogic['source']

/** What records are compared with: the definitions, and the machines they start that have none of their own among all. */
export function versionedLogics(
  definitions: readonly ActorDefinition[],
  all: readonly ActorDefinition[],
): VersionedLogic[] {
  const defined = new Set(all.map(({ hosted }) => hosted.source))
  return definitions.flatMap(({ hosted, contract, takeUp = null, policies: { migrations } }) => [
    { ...versionOf(hosted, migrations, contract), takeUp },
    ...[...childrenOf(hosted, defined, [hosted.source])].map((child) => versionOf(child, migrations, null)),
  ])
}

function versionOf(
  { type, stamp, source }: HostedLogic,
  migrations: VersionedLogic['migrations'],
  contract: VersionedLogic['contract'],
): VersionedLogic {
  return { type, stamp, source, migrations, contract }
}

function* childrenOf(
  parent: HostedLogic,
  defined: ReadonlySet<Logic>,
  above: readonly Logic[],
): Generator<HostedLogic> {
  const { implementations } = parent.source as { readonly implementations?: { readonly actors: object } }
  for (const [src, logic] of Object.entries(implementations?.actors ?? {}) as [string, Logic][]) {
    // A machine that starts itself has records of any depth; those of the first are looked at.
    if (isLeaf(logic) || defined.has(logic) || above.includes(logic)) continue
    const child = hostedChild(parent, logic, src)
    yield child
    yield* childrenOf(child, defined, [...above, logic])
  }
}
