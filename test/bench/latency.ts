const SENDS = 1_000

/** The milliseconds within which that share of the calls ends, one made when the last has ended. */
export async function latency(share: number, call: () => Promise<unknown>): Promise<number> {
  const times = new Float64Array(SENDS)
  for (let index = 0; index < SENDS; index += 1) {
    const start = performance.now()
    await call()
    times[index] = performance.now() - start
  }
  return times.sort()[Math.floor(SENDS * share)] ?? Number.NaN
}
