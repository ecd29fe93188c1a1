import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { REPOSITORY, repositoryTexts } from './support/architecture/repository-texts.ts'
import { sourceFile } from './support/architecture/source-file.ts'

const MOST_PACKAGES = 20
const PROBE = join(REPOSITORY, 'test/support/architecture/package-probe.ts')

/** The packages that an import of the built package loads, in a process of its own. */
function loadedPackages(specifier: string): readonly string[] {
  if (!existsSync(join(REPOSITORY, 'dist'))) throw new Error('There is no dist/: run `npm run build` first.')
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROBE, specifier], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${specifier} could not be imported: ${stderr}`)
  return JSON.parse(stdout) as readonly string[]
}

/** The packages that the source under a folder imports for more than their types. */
function importedPackages(folder: string): Set<string> {
  const files = [...repositoryTexts(folder)].filter(([path]) => path.endsWith('.ts'))
  const imports = files.flatMap(([path, text]) => sourceFile(path, text).imports)
  return new Set(imports.flatMap((item) => (item.typeOnly || item.package === null ? [] : [item.package])))
}

describe('the core', () => {
  const loaded = loadedPackages('troupe')

  it(`loads at most ${MOST_PACKAGES} packages`, () => {
    expect(loaded).toContain('zod')
    expect(loaded.length).toBeLessThanOrEqual(MOST_PACKAGES)
  })

  it('loads none of the libraries that only agents need', () => {
    const core = importedPackages('runtime')
    const domain = [...importedPackages('agents')].filter((name) => !core.has(name))
    expect(domain).toContain('fast-xml-parser')
    expect(loaded.filter((name) => domain.includes(name))).toEqual([])
  })
})
