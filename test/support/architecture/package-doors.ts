/** A public entry of the package: what a user imports, and the source file behind it. */
export interface PackageDoor {
  readonly specifier: string
  readonly source: string
}

/** The doors a package.json opens. */
export function packageDoors(manifest: string): PackageDoor[] {
  const { name = '', exports = {} } = JSON.parse(manifest) as {
    readonly name?: string
    readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  }
  return Object.entries(exports).flatMap(([key, target]) => {
    const source = typeof target === 'string' ? undefined : target['troupe-source']
    return source === undefined ? [] : [{ specifier: `${name}${key.slice(1)}`, source: source.replace('./', '') }]
  })
}
