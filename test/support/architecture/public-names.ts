import { type SourceExport, sourceFile } from './source-file.ts'

/** One name a door of the package offers. */
export interface PublicName {
  readonly name: string
  readonly typeOnly: boolean
  readonly documented: boolean
}

/** The names a door offers, followed to where they are declared. `read` gives the text of a path. */
export function publicNames(door: string, read: (path: string) => string): PublicName[] {
  return sourceFile(door, read(door)).exports.map((item) => ({
    name: item.name,
    typeOnly: item.typeOnly,
    documented: isDocumented(item, read),
  }))
}

function isDocumented(item: SourceExport, read: (path: string) => string): boolean {
  if (item.from === null) return item.documented
  const { path } = item.from
  // What another package declares, it documents itself.
  if (path === null) return true
  const origins = sourceFile(path, read(path)).exports.filter(({ name }) => name === item.original)
  return origins.some((origin) => isDocumented(origin, read))
}
