import type { WorkbookParts } from './workbook-parts.ts'
import { openingTags, tagAttribute } from './xml-scan.ts'

/** One relationship of a package part. */
export interface PartRelation {
  readonly id: string
  /** The last segment of the relationship type: `worksheet`, `table`, `externalLinkPath`, the same in strict files. */
  readonly kind: string
  /** A part's full name, or, when external, the target as written. */
  readonly target: string
  readonly external: boolean
}

/** The relationships of a part; of the package itself when the name is empty. */
export function relationsOf(parts: WorkbookParts, part: string): readonly PartRelation[] {
  const xml = parts.text(relationsPart(part))
  if (xml === undefined) return []
  return openingTags(xml, 'Relationship').map((tag) => {
    const external = tagAttribute(tag, 'TargetMode')?.toLowerCase() === 'external'
    const target = tagAttribute(tag, 'Target') ?? ''
    return {
      id: tagAttribute(tag, 'Id') ?? '',
      kind: (tagAttribute(tag, 'Type') ?? '').replace(/^.*\//, ''),
      target: external ? target : resolvePart(part, target),
      external,
    }
  })
}

/** Where the relationships of a part are kept. */
export function relationsPart(part: string): string {
  const slash = part.lastIndexOf('/') + 1
  return `${part.slice(0, slash)}_rels/${part.slice(slash)}.rels`
}

/** The full name of a target that may be absolute, relative or percent-encoded. */
function resolvePart(source: string, target: string): string {
  const path = decoded(target.replace(/#.*$/, '').replaceAll('\\', '/'))
  const segments = path.startsWith('/') ? [] : source.split('/').slice(0, -1)
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return segments.join('/')
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
