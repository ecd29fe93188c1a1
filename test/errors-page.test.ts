import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ERROR_TABLE } from '../runtime/protocol/error-table.ts'

const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')

/** The sections of the page, by heading. */
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => [section.split('\n')[0]?.trim() ?? '', section]),
)

describe('the error page', () => {
  it('has a heading for every code, and none for anything else', () => {
    expect([...sections.keys()].sort()).toEqual(Object.keys(ERROR_TABLE).sort())
  })

  it.each(Object.entries(ERROR_TABLE))('says of %s what the table says', (code, { meaning, actor, retryable }) => {
    const section = sections.get(code) ?? ''
    expect(section).toContain(`| Meaning | ${meaning} |`)
    expect(section).toMatch(new RegExp(`^\\| Who acts \\| ${actor} \\|$`, 'm'))
    expect(section).toMatch(new RegExp(`^\\| Retry \\| ${retryable ? 'yes' : 'no'}`, 'm'))
    expect(section).toMatch(/^\| Typical cause \| .+ \|$/m)
    expect(section).toMatch(/^\| What to do \| .+ \|$/m)
  })
})
