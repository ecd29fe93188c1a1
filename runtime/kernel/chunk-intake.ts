/** Takes the chunks of one stream off a wire, which brings each at most once. */
export interface ChunkIntake {
  /** Passes the next chunk on. One that came before is ignored; one that leaves a gap ends the stream. */
  take(index: number, value: unknown): void
  /** Aborted when a chunk is missing: better no stream than one with a hole. */
  readonly lost: AbortSignal
}

/** Makes the intake of one stream. */
export function createChunkIntake(chunked: (value: unknown) => void): ChunkIntake {
  const controller = new AbortController()
  let next = 0
  return {
    lost: controller.signal,
    take(index, value) {
      if (index > next) controller.abort()
      if (index !== next || controller.signal.aborted) return
      next++
      chunked(value)
    },
  }
}
