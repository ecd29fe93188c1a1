import { collectGarbage } from './collect-garbage.ts'

/** Bytes of heap that each of `count` idle actors holds: all are made, kept while the heap is read, and let go. */
export async function heapPerActor(
  count: number,
  make: (index: number) => unknown,
  release: () => unknown,
): Promise<number> {
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  const kept: unknown[] = Array.from({ length: count })
  for (let index = 0; index < count; index += 1) kept[index] = await make(index)
  collectGarbage()
  // The array of kept actors is the bench's, not theirs: eight bytes a place.
  const bytes = (process.memoryUsage().heapUsed - before) / count - 8
  if (kept.includes(undefined)) throw new Error('Making an actor gave nothing to keep, so its heap cannot be read.')
  await release()
  return bytes
}
