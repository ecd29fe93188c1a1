/** Work that waits until it is let go: what began, and what may end. */
export interface WorkBench {
  /** The names of what began, in order. */
  readonly begun: readonly string[]
  /** Lets work of these names end, now or whenever it begins. */
  let(...names: readonly string[]): void
  work<Value>(name: string, value: Value): Promise<Value>
}

/** Makes a bench. It outlives the runtimes whose steps work at it. */
export function workBench(): WorkBench {
  const begun: string[] = []
  const open = new Set<string>()
  const waiting = new Map<string, () => void>()
  return {
    begun,
    let(...names) {
      for (const name of names) {
        open.add(name)
        waiting.get(name)?.()
      }
    },
    async work(name, value) {
      begun.push(name)
      if (!open.has(name)) await new Promise<void>((resolve) => waiting.set(name, resolve))
      return value
    },
  }
}
