import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageDoors } from './support/architecture/package-doors.ts'
import { publicNames } from './support/architecture/public-names.ts'
import { REPOSITORY } from './support/architecture/repository-texts.ts'

const read = (path: string) => readFileSync(join(REPOSITORY, path), 'utf8')
const doors = packageDoors(read('package.json'))

describe('the public API', () => {
  it('is the list of names in test/public-api.txt: a change of it is a decision, made with `vitest -u`', async () => {
    const listed = doors.map(({ specifier, source }) => {
      const names = publicNames(source, read)
      const values = names.filter(({ typeOnly }) => !typeOnly).map(({ name }) => `  ${name}`)
      const types = names.filter(({ typeOnly }) => typeOnly).map(({ name }) => `  type ${name}`)
      return `${[specifier, ...values.sort(), ...types.sort()].join('\n')}\n`
    })
    await expect(listed.join('\n')).toMatchFileSnapshot('public-api.txt')
  })

  it.each(doors)('$specifier explains every value it offers in a doc comment', ({ source }) => {
    const silent = publicNames(source, read).filter(({ typeOnly, documented }) => !typeOnly && !documented)
    expect(silent.map(({ name }) => `${name} of ${source} has no doc comment`)).toEqual([])
  })

  it.each(doors)('$specifier offers something', ({ source }) => {
    expect(publicNames(source, read)).not.toEqual([])
  })
})

describe('the doc comment gate', () => {
  const texts: Readonly<Record<string, string>> = {
    'door.ts': "export { told, silent as quiet } from './room.ts'\nexport type { Shape } from './room.ts'\n",
    'room.ts': [
      '/** Tells. */',
      'export function told(): void {}',
      '// not a doc comment',
      'export const silent = 1',
      'export interface Shape {}',
    ].join('\n'),
  }

  it('sees through a re-export whether a value is explained', () => {
    expect(publicNames('door.ts', (path) => texts[path] ?? '')).toEqual([
      { name: 'told', typeOnly: false, documented: true },
      { name: 'quiet', typeOnly: false, documented: false },
      { name: 'Shape', typeOnly: true, documented: false },
    ])
  })
})
