import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'

/** Gives each test of a file a folder of its own, and removes it afterwards. */
export function scratchFolder(): (name?: string) => string {
  let folder: string | undefined
  afterEach(() => {
    if (folder === undefined) return
    chmodSync(folder, 0o755)
    rmSync(folder, { recursive: true })
    folder = undefined
  })
  return (name = '.') => {
    folder ??= mkdtempSync(join(tmpdir(), 'troupe-'))
    return join(folder, name)
  }
}
