const LEAST_MS = 400

/** Samples how many microseconds of CPU, of all threads of the process, one turn of the work takes. */
export function microsecondsOfCpu(work: () => Promise<unknown>): () => Promise<number> {
  return async () => {
    const start = process.cpuUsage()
    const end = performance.now() + LEAST_MS
    let count = 0
    while (performance.now() < end) {
      await work()
      count++
    }
    const { user, system } = process.cpuUsage(start)
    return (user + system) / count
  }
}
