import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => join('docs', name))].filter((page) =>
  page.endsWith('.md'),
)
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

describe('the documentation', () => {
  it.each(pages)('%s shows only code that is in a file', (page) => {
    const blocks = [...read(page).matchAll(/(?:<!-- from (\S+) -->\n)?```ts\n([\s\S]*?)```/g)]
    for (const [, source, code] of blocks) {
      expect(source, `a block of ${page} names no file`).toBeDefined()
      expect(read(source ?? '')).toContain(code)
    }
  })

  it.each(pages)('%s links only to what exists', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '')
    for (const link of links)
      expect(() => readdirOrFile(join(root, page, '..', link)), `${page} links to ${link}`).not.toThrow()
  })
})

function readdirOrFile(path: string): void {
  try {
    readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error
  }
}
