const ROUND_MS = 80

/** Does the work `count` times over. */
export type Body = (count: number) => unknown

/** Samples how often a second the body does its work. */
export function perSecond(body: Body): () => Promise<number> {
  const time = stopwatch(body)
  return async () => 1e9 / (await time())
}

/** Samples how many nanoseconds one turn of the body's work takes. */
export function nanoseconds(body: Body): () => Promise<number> {
  return stopwatch(body)
}

/** Doubles the count until a round is long enough for the clock, then keeps it, so that all rounds do the same. */
function stopwatch(body: Body): () => Promise<number> {
  let count = 1
  return async () => {
    for (;;) {
      const elapsed = await timeOf(() => body(count))
      if (elapsed >= ROUND_MS) return (elapsed * 1e6) / count
      count = elapsed < ROUND_MS / 16 ? count * 8 : Math.ceil(count * Math.min(8, (1.2 * ROUND_MS) / elapsed))
    }
  }
}

/** Milliseconds that the work takes; sync work is not held up by an await. */
async function timeOf(work: () => unknown): Promise<number> {
  const start = performance.now()
  const result = work()
  if (result instanceof Promise) await result
  return performance.now() - start
}
