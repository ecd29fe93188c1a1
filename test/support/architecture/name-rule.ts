import { posix } from 'node:path'
import type { Violation } from './violation.ts'

/** Base names that may occur more than once, and why. */
const REPEATED: ReadonlyMap<string, string> = new Map([
  ['index.ts', 'the door of a folder'],
  ['pack.ts', 'the door of a pack: the command line finds packs by it'],
  ['README.md', 'a folder explains itself'],
  ['SOURCE.md', 'a set of fixtures says where it is from'],
  ['main.ts', 'the start of a program: the command line and the bench'],
  ['package.json', 'the bench installs its peers on their own'],
  ['package-lock.json', 'the bench installs its peers on their own'],
  ['.gitignore', 'the bench keeps its results to itself'],
])

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*\.ts$/
const EMPTY_WORDS = /(^|[-.])(utils?|helpers?|common|misc|impl|manager)([-.]|$)|^types\.ts$/

/** File names are kebab-case nouns, and no two files of the repository have the same one. */
export function nameRule(paths: readonly string[]): Violation[] {
  const first = new Map<string, string>()
  return [...paths].sort().flatMap((path) => {
    const name = posix.basename(path)
    const found: string[] = []
    const twin = first.get(name)
    if (twin !== undefined && !REPEATED.has(name)) found.push(`${twin} has the same base name`)
    first.set(name, twin ?? path)
    if (name.endsWith('.ts')) {
      if (!KEBAB.test(name)) found.push('the name is not kebab-case')
      if (EMPTY_WORDS.test(name)) found.push('the name says nothing: name the noun that the file exports')
    }
    return found.map((detail) => ({ path, rule: 'names', detail }))
  })
}
