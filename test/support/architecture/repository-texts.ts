import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The top of this repository. */
export const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url))

const SKIPPED = /^(dist|coverage|\.git|\.cache|test\/fixtures|test\/bench\/results)$|(^|\/)node_modules$/
const READ = /\.(ts|md|json|yml|sh|html|js|mjs|css)$|^LICENSE$|^\./

/** The paths and texts of the repository's own files: no dependencies, build results or fixtures. */
export function repositoryTexts(folder = ''): Map<string, string> {
  const texts = new Map<string, string>()
  for (const entry of readdirSync(join(REPOSITORY, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (SKIPPED.test(path) || entry.name.endsWith('.log')) continue
    if (entry.isDirectory()) for (const [inner, text] of repositoryTexts(path)) texts.set(inner, text)
    else if (READ.test(path)) texts.set(path, readFileSync(join(REPOSITORY, path), 'utf8'))
    else texts.set(path, '')
  }
  return texts
}
