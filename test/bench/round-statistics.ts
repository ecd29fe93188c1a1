/** Samples of one side or ratios of two, told by their middle and how far the middle half of them reaches. */
export interface RoundStatistics {
  readonly median: number
  /** Half the interquartile range, as a fraction of the median. */
  readonly spread: number
}

/** The median and the spread of some samples. */
export function roundStatistics(samples: readonly number[]): RoundStatistics {
  if (samples.length === 0) throw new Error('There are no samples to take a median of: run at least one round.')
  const sorted = samples.toSorted((a, b) => a - b)
  const median = quantile(sorted, 0.5)
  const spread = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 2 / median
  return { median, spread }
}

function quantile(sorted: readonly number[], at: number): number {
  const position = (sorted.length - 1) * at
  const low = sorted[Math.floor(position)] ?? Number.NaN
  const high = sorted[Math.ceil(position)] ?? Number.NaN
  return low + (high - low) * (position - Math.floor(position))
}
