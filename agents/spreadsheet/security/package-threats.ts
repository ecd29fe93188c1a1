import { relationsOf } from '../reading/part-relations.ts'
import type { WorkbookParts } from '../reading/workbook-parts.ts'
import { openingTags, tagAttribute } from '../reading/xml-scan.ts'
import type { Threat } from './threat.ts'

/** What the parts of a package carry or reach for, beside macros and sheets. */
export function packageThreats(parts: WorkbookParts): readonly Threat[] {
  return [
    ...named(parts, /(?:^|\/)externalLinks\/[^/]+\.(?:xml|bin)$/i, (where): Threat => {
      const dde = openingTags(parts.text(where) ?? '', 'ddeLink').length > 0
      const message = dde ? 'A DDE link asks another program for data.' : 'Formulas read another workbook.'
      return { kind: 'externalLink', severity: 5, where, message }
    }),
    ...parts.names.filter((name) => name.endsWith('.rels')).flatMap((name) => externalTargets(parts, name)),
    ...named(parts, /(?:^|\/)embeddings\/[^/]+$|^MBD[\dA-F]{8}\/(?:Package|Workbook|.Ole10Native)$/i, (where) => ({
      kind: 'embedding',
      severity: 6,
      where,
      message: 'A file is embedded.',
    })),
    ...named(parts, /(?:^|\/)activeX\/[^/]+\.xml$/i, (where) => ({
      kind: 'activeX',
      severity: 8,
      where,
      message: 'An ActiveX control can run code when the workbook opens.',
    })),
    ...connections(parts),
    ...named(parts, /(?:^|\/)queryTables\/[^/]+\.(?:xml|bin)$/i, (where) => ({
      kind: 'queryTable',
      severity: 5,
      where,
      message: 'A query table loads data from outside.',
    })),
  ]
}

function named(parts: WorkbookParts, pattern: RegExp, threat: (name: string) => Threat): readonly Threat[] {
  return parts.names.filter((name) => pattern.test(name)).map(threat)
}

const OUTSIDE: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['web', /^(?:https?|ftps?):/i],
  ['file', /^(?:file:(?!\/{3,5}\\\\)|[a-z]:[\\/])/i],
  ['UNC', /^(?:\\\\|\/\/|file:\/{2,5}\\\\)/i],
]

/** One threat for each part and way out, so that a sheet of a hundred links is not a hundred threats. */
function externalTargets(parts: WorkbookParts, relationsName: string): readonly Threat[] {
  const part = relationsName.replace(/_rels\/([^/]*)\.rels$/, '$1')
  const targets = relationsOf(parts, part).filter((relation) => relation.external)
  return OUTSIDE.flatMap(([what, pattern]): readonly Threat[] => {
    const hits = targets.filter(({ target }) => pattern.test(target))
    const first = hits[0]
    if (first === undefined) return []
    const count = hits.length === 1 ? `a ${what} target` : `${hits.length} ${what} targets, the first`
    const message = `A ${first.kind} relationship points at ${count}: ${first.target.slice(0, 200)}`
    return [{ kind: 'externalTarget', severity: 6, where: part === '' ? 'package' : part, message }]
  })
}

function connections(parts: WorkbookParts): readonly Threat[] {
  return parts.names
    .filter((name) => /(?:^|\/)connections\.(?:xml|bin)$/i.test(name))
    .flatMap((where) => {
      const tags = openingTags(parts.text(where) ?? '', 'connection')
      const names = tags.length === 0 ? ['unnamed'] : tags.map((tag) => tagAttribute(tag, 'name') ?? 'unnamed')
      return names.map((name): Threat => {
        return {
          kind: 'connection',
          severity: 5,
          where,
          message: `The data connection "${name}" loads data from outside.`,
        }
      })
    })
}
