/** Does the work `count` times, so many at a time, and gives how often a second that was. */
export async function inFlight(count: number, atOnce: number, work: () => Promise<unknown>): Promise<number> {
  let left = count
  const worker = async (): Promise<void> => {
    while (left-- > 0) await work()
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: atOnce }, worker))
  return (count * 1000) / (performance.now() - start)
}
