import type { Compatibility, CompatibilityProblem, TypeCompatibility } from './compatibility.ts'

const SHOWN = 3

/** A comparison as lines for a terminal: each type, then each problem with what to do about it. */
export function compatibilityText({ types, problems, unlisted }: Compatibility): string {
  const lines = types.flatMap(typeLine)
  const stated = lines.length > 0 ? lines : ['No records of these types.']
  const verdict = problems.length === 0 ? ['', 'Compatible.'] : ['', `${count(problems.length + unlisted, 'problem')}:`]
  const more = unlisted > 0 ? ['', `... and ${unlisted} more`] : []
  return [...stated, ...verdict, ...problems.flatMap(problemLines), ...more, ''].map(plain).join('\n')
}

function typeLine({ type, version, unchanged, migrated, ended, refused }: TypeCompatibility): string[] {
  const fates = Object.entries({ unchanged, migrated, ended, refused }).filter(([, number]) => number > 0)
  if (fates.length === 0) return []
  return [`${type}, version ${version}: ${fates.map(([fate, number]) => `${number} ${fate}`).join(', ')}`]
}

function problemLines({ type, fault, hint, count: number, addresses }: CompatibilityProblem): string[] {
  const shown = addresses.slice(0, SHOWN)
  const more = number > shown.length ? [`    ... and ${number - shown.length} more`] : []
  return [
    '',
    `  ${type}: ${fault} (${count(number, 'record')})`,
    `    ${hint}`,
    ...shown.map((each) => `    ${each}`),
    ...more,
  ]
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

// Names and keys come from records: what steers a terminal must not reach it.
function plain(line: string): string {
  return line.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ')
}
