import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { REPOSITORY } from './support/architecture/repository-texts.ts'

const guide = readFileSync(join(REPOSITORY, 'docs/guide.md'), 'utf8')
const shown = [...guide.matchAll(/<!-- output of (\S+) -->\n```text\n([\s\S]*?)```/g)].map(([, example, output]) => ({
  example: example ?? '',
  output: output ?? '',
}))

describe('the guide', () => {
  it('shows what examples print', () => {
    expect(shown).not.toEqual([])
    expect(guide.match(/```text/g)).toHaveLength(shown.length)
  })

  it.each(shown)('tells the truth about what $example prints', ({ example, output }) => {
    const { stdout } = spawnSync(process.execPath, ['--conditions=troupe-source', example], {
      cwd: REPOSITORY,
      encoding: 'utf8',
      timeout: 50_000,
    })
    expect(stdout).toBe(output)
  })
})
