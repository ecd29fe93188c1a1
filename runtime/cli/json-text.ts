/** A value of plain data as JSON. What JSON has no form for: whole numbers beyond 2^53 become texts, bytes Base64. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, plainForm, 2)}\n`
}

function plainForm(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value
}
