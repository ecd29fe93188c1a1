import { parseArgs } from 'node:util'
import type { Command } from './command.ts'
import { usageError } from './usage-error.ts'

/** The words of a command line, sorted by the command's options. Throws a usage error that names the word at fault. */
export function parseCommand(
  command: Command,
  words: readonly string[],
): { positionals: string[]; options: Record<string, string | boolean | undefined> } {
  const options = Object.fromEntries(
    Object.entries({ ...command.options, help: { type: 'boolean' as const } }).map(([name, { type }]) => [
      name,
      { type },
    ]),
  )
  try {
    const args = joinedNumbers(command, words)
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true })
    return { positionals, options: { ...values } }
  } catch (error) {
    throw usageError((error as Error).message.split('. ')[0] ?? 'the options cannot be read', hintFor(command, words))
  }
}

// `--max-cost -1` can only mean the value: whoever reads the option says what is wrong with it.
function joinedNumbers({ options }: Command, words: readonly string[]): string[] {
  const end = words.indexOf('--')
  const args: string[] = []
  for (const [at, word] of words.entries()) {
    const name = args.at(-1) ?? ''
    const isValue = (end < 0 || at < end) && /^-[.\d]/.test(word) && options[name.slice(2)]?.type === 'string'
    if (isValue && name.startsWith('--') && at > 0 && words[at - 1] === name) args[args.length - 1] = `${name}=${word}`
    else args.push(word)
  }
  return args
}

function hintFor(command: Command, words: readonly string[]): string {
  const names = Object.keys(command.options)
  const given = words.find((word) => word.startsWith('--') && !names.includes(word.slice(2).split('=')[0] ?? ''))
  if (!given && words.some((word) => /^-[^-]/.test(word))) return 'what begins with a dash goes last, after a --'
  const near = given ? names.find((name) => distance(name, given.slice(2)) <= 2) : undefined
  return near ? `did you mean --${near}?` : `'troupe ${command.name} --help' lists the options`
}

// Levenshtein's distance; options are short, so the plain table will do.
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
