import type { Command } from './command.ts'

/** What `troupe --help` prints. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  return [
    'Usage: troupe COMMAND [arguments]',
    '',
    'Commands',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    "'troupe COMMAND --help' says more; 'troupe --version' names the version.",
    '',
  ].join('\n')
}

/** What `troupe COMMAND --help` prints. */
export function commandHelp(command: Command): string {
  const shown = Object.entries(command.options).filter(([, { hidden }]) => hidden !== true)
  const options = shown.map(([name, { value, description }]) => ({
    term: `--${name}${value === undefined ? '' : ` ${value}`}`,
    description,
  }))
  const width = Math.max(0, ...options.map(({ term }) => term.length))
  return [
    `Usage: troupe ${command.name} ${command.usage}`,
    '',
    command.summary,
    '',
    'Options',
    ...options.map(({ term, description }) => `  ${term.padEnd(width)}  ${description}`),
    '',
    'Examples',
    ...command.examples.map((example) => `  ${example}`),
    '',
    'Exit codes: 0 done, 1 crashed, 2 usage, 3 blocked, 4 failed with partial results, or a model was asked for and',
    '            not one call succeeded, 5 over budget with partial results, 130 interrupted',
    '',
  ].join('\n')
}
