/** Freezes plain data, all it holds included. What has a class of its own stays as it is: it is not a message's to freeze. */
export function freezeDeep(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || !isData(value)) return
  Object.freeze(value)
  for (const inner of Object.values(value)) freezeDeep(inner)
}

function isData(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Array.isArray(value)
}
