/** Work that waits until it is let go, and remembers how much of it there was at once. */
export function gate<Name>() {
  const waiting: { readonly name: Name; readonly go: () => void }[] = []
  const watchers: (() => void)[] = []
  let most = 0
  let isOpen = false
  return {
    enter(name: Name): Promise<Name> {
      if (isOpen) return Promise.resolve(name)
      return new Promise((resolve) => {
        waiting.push({ name, go: () => resolve(name) })
        most = Math.max(most, waiting.length)
        for (const look of watchers) look()
      })
    },
    /** Resolves once so many are inside. */
    waiting(count: number): Promise<void> {
      return new Promise((resolve) => {
        const look = (): void => {
          if (waiting.length >= count) resolve()
        }
        watchers.push(look)
        look()
      })
    },
    inside: () => waiting.map(({ name }) => name),
    most: () => most,
    /** Lets the first one go. */
    release: () => waiting.shift()?.go(),
    open(): void {
      isOpen = true
      for (const { go } of waiting.splice(0)) go()
    },
  }
}
