/** What a model wrote as the input of a tool, read. */
export interface CallInput {
  readonly input: unknown
  /** The same for two inputs that mean the same, whatever the order of their keys. */
  readonly canonical: string
  readonly isJson: boolean
}

/** Reads an input. A model that writes nothing means an input without fields. */
export function callInput(written: string): CallInput {
  if (written.trim() === '') return { input: {}, canonical: '{}', isJson: true }
  try {
    const input = JSON.parse(written) as unknown
    return { input, canonical: JSON.stringify(inOrder(input)), isJson: true }
  } catch {
    return { input: written, canonical: written, isJson: false }
  }
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(inOrder)
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  // A null prototype takes any name as a field.
  const ordered = Object.create(null) as Record<string, unknown>
  for (const [name, field] of fields) ordered[name] = inOrder(field)
  return ordered
}
