import { posix } from 'node:path'
import { lineCount } from './shape-rule.ts'
import type { Violation } from './violation.ts'

/** What may lie at the top of the repository beside dot-files. */
const TOP_LEVEL = new Set([
  ...['runtime', 'actors', 'machines', 'transports', 'agents', 'examples', 'test', 'docs'],
  ...['package.json', 'package-lock.json', 'docker-compose.yml', 'README.md', 'LICENSE', 'CHANGELOG.md'],
  ...['tsconfig.json', 'tsconfig.build.json', 'vitest.config.ts', 'biome.json', 'knip.json'],
])

/** What the build carries into the package; a README stays behind. */
const BUILT = /^(runtime|transports|machines|actors|agents)\/.+(?<!\.ts|\.json|\/README\.md)$/

const README_LINES = 40
const EXPLAINED = /^(runtime|transports|machines|actors|(?:runtime|agents)\/[^/]+)\/[^/]+\.ts$/

/** The top level holds what the design names, source folders hold sources, and each explains itself in at most 40 lines. */
export function folderRule(texts: ReadonlyMap<string, string>): Violation[] {
  const paths = [...texts.keys()]
  const top = new Set(paths.map((path) => path.split('/')[0] ?? path))
  const strangers = [...top].filter((name) => !name.startsWith('.') && !TOP_LEVEL.has(name))
  const folders = new Set(paths.flatMap((path) => EXPLAINED.exec(path)?.[1] ?? []))
  const unexplained = [...folders].filter((folder) => !texts.has(`${folder}/README.md`))
  return [
    ...strangers.map((path) => ({ path, rule: 'folders', detail: 'the top level has no place for it' })),
    ...paths
      .filter((path) => BUILT.test(path))
      .map((path) => ({ path, rule: 'folders', detail: 'the build does not carry it: write it as a module' })),
    ...unexplained.map((path) => ({ path, rule: 'folders', detail: 'it has no README.md' })),
    ...[...texts].flatMap(([path, text]) => {
      const isFolderReadme = posix.basename(path) === 'README.md' && path !== 'README.md'
      if (!isFolderReadme || lineCount(text) <= README_LINES) return []
      return [{ path, rule: 'folders', detail: `it has ${lineCount(text)} lines, ${README_LINES} are allowed` }]
    }),
  ]
}
