import { TroupeError } from '../protocol/errors.ts'
import type { Renames } from './renames.ts'

/** How a record of one version of an actor type becomes one of another. */
export interface Migration {
  /**
   * For a child machine without a definition of its own: its type, as in its addresses, such as `ticket--audit`. It has
   * its parent's version, and needs a migration only when its own chart changed.
   */
  readonly of?: string
  readonly from: string
  readonly to: string
  /** New names, by the old ones. They are given before `migrate` sees the state. */
  readonly renamed?: Renames
  /**
   * States, as paths in the chart of `to`, whose delays begin anew when a record that is in them is migrated. The delays of
   * states that only the migration leads to begin in any case; those of other states keep their timers.
   */
  readonly begins?: readonly string[]
  /** Pure: it may be called again for the same record. It gets a copy, which it may change. */
  migrate(state: MigratedState): MigratedState
}

/** The part of a record that a migration changes. */
export interface MigratedState {
  /** The state value of a chart; transition logic has none. */
  readonly value: unknown
  readonly context: unknown
  /** The ids of the states that each history state remembers. Left out of what `migrate` returns, it stays as it is. */
  readonly history?: Readonly<Record<string, readonly string[]>>
}

/**
 * Checks the migrations of an actor type against each other. Throws INVALID_MESSAGE for one that leads nowhere or stands
 * twice, for cycles, and for one from which no way leads on to the current version.
 */
export function checkMigrations(migrations: readonly Migration[], version: string, type: string): void {
  if (!isVersion(version)) throw migrationError(`${type}.version`, 'it is no text', "name the version: version: '2'")
  for (const [index, migration] of migrations.entries()) {
    const fault = faultOf(migration, index, migrations, version)
    if (fault) throw migrationError(`${type}.migrate[${index}]`, ...fault)
  }
}

function faultOf(
  { of, from, to, migrate }: Migration,
  index: number,
  migrations: readonly Migration[],
  version: string,
): readonly [fault: string, hint: string] | null {
  if (!isVersion(from) || !isVersion(to))
    return ['`from` and `to` are no texts', "name two versions: from: '1', to: '2'"]
  if (typeof migrate !== 'function') {
    return ['it has no `migrate`', 'one that keeps the state is `migrate: (state) => state`']
  }
  const family = migrations.filter((other) => other.of === of)
  const earlier = migrations.slice(0, index)
  if (earlier.some((other) => other.of === of && other.from === from && other.to === to)) {
    return [`one from '${from}' to '${to}' stands before it`, 'keep one of them']
  }
  if (migrationPath(family, to, from)) {
    return [`with it, versions lead from '${from}' back to '${from}'`, 'let them lead one way']
  }
  if (migrationPath(family, to, version)) return null
  return [`it leads to '${to}', and nothing leads on to '${version}'`, `add one from '${to}' to '${version}'`]
}

/** The migrations that concern records of the definition's own chart, or of a child machine of the type given. */
export function migrationsOf(migrations: readonly Migration[], child: string | null): readonly Migration[] {
  return migrations.filter(({ of }) => (of ?? null) === child)
}

/** The fewest migrations that lead from one version to another, in their order; undefined when there is no way. */
export function migrationPath(
  migrations: readonly Migration[],
  from: string,
  to: string,
): readonly Migration[] | undefined {
  const paths = new Map<string, readonly Migration[]>([[from, []]])
  // A map's iterator comes by what is added while it runs: that is the queue of the search.
  for (const [version, path] of paths) {
    if (version === to) return path
    for (const migration of migrations) {
      if (migration.from === version && !paths.has(migration.to)) paths.set(migration.to, [...path, migration])
    }
  }
  return undefined
}

function isVersion(version: unknown): boolean {
  return typeof version === 'string' && version.length > 0
}

function migrationError(where: string, fault: string, hint: string): TroupeError {
  return new TroupeError('INVALID_MESSAGE', `${where} cannot be used: ${fault}`, { where, hint })
}
