import { assertDefinition } from '../runtime/kernel/definition.ts'
import { TroupeError } from '../runtime/protocol/errors.ts'
import { policyFields } from '../runtime/supervision/policy-fields.ts'

/** What an option may be where it is given; `any` is for one that is looked at elsewhere. */
export type OptionKind = 'any' | 'function' | 'flag' | 'text' | 'texts' | 'record' | 'definition'

interface KindRule {
  readonly holds: (value: unknown) => boolean
  readonly hint: string
}

const RULES: Readonly<Record<OptionKind, KindRule>> = {
  any: { holds: () => true, hint: '' },
  function: { holds: (value) => typeof value === 'function', hint: 'give a function' },
  flag: { holds: (value) => typeof value === 'boolean', hint: 'give true or false' },
  text: { holds: (value) => typeof value === 'string' && value !== '', hint: 'give a text' },
  texts: {
    holds: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== ''),
    hint: "give a list of texts, such as ['one', 'two']",
  },
  record: {
    holds: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    hint: 'give an object',
  },
  definition: { holds: isDefinition, hint: 'give what defineActor or defineWorkflow returned' },
}

/**
 * Throws INVALID_MESSAGE, naming the field, for options with a field that is not named among the kinds, one of another kind,
 * or without one that is required.
 */
export function checkOptions(
  options: unknown,
  where: string,
  kinds: Readonly<Record<string, OptionKind>>,
  required: readonly string[] = [],
): void {
  const fields = policyFields(options, where, Object.keys(kinds))
  for (const [name, kind] of Object.entries(kinds)) {
    const value = fields.part(name)
    if (value === undefined ? !required.includes(name) : RULES[kind].holds(value)) continue
    const what = value === undefined ? 'missing' : shown(value)
    throw new TroupeError('INVALID_MESSAGE', `${where}.${name} is ${what}`, {
      where: `${where}.${name}`,
      hint: RULES[kind].hint || `give ${where} its ${name}`,
    })
  }
}

function isDefinition(value: unknown): boolean {
  try {
    assertDefinition(value)
    return true
  } catch {
    return false
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return 'a list of another kind'
  if (typeof value === 'function') return 'a function'
  return typeof value === 'object' && value !== null ? 'an object of another shape' : String(value)
}
