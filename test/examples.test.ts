import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { REPOSITORY } from './support/architecture/repository-texts.ts'

const examples = readdirSync(join(REPOSITORY, 'examples')).filter((name) => name.endsWith('.ts'))

/** Runs an example as a user does, on the source instead of the build. */
function run(name: string) {
  return spawnSync(process.execPath, ['--conditions=troupe-source', join('examples', name)], {
    cwd: REPOSITORY,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 50_000,
  })
}

describe('the examples', () => {
  it('are there, and numbered in the order to read them', () => {
    expect(examples).not.toEqual([])
    expect(examples.filter((name) => !/^\d\d-[a-z0-9-]+\.ts$/.test(name))).toEqual([])
  })

  it.each(examples)('%s runs, says something and ends by itself', (name) => {
    const { status, signal, stdout, stderr } = run(name)
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' })
    expect(stdout.trim()).not.toBe('')
  })
})
