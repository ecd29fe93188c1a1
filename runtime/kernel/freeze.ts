/** Freezes plain data, all it holds included. What has a class of its own stays as it is: it is not a message's to freeze. */
export function freezeDeep(value: unknown): void {
  // A list of what is left, not recursion: a deeply nested message must not overflow the stack.
  const left: unknown[] = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next !== 'object' || next === null || Object.isFrozen(next) || !isData(next)) continue
    Object.freeze(next)
    left.push(...Object.values(next))
  }
}

function isData(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Array.isArray(value)
}
