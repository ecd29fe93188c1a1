/** A token bucket that fills with time, as plain data. What is configured and what the other side reports both bind. */
export interface LimiterBucket {
  /** How much a minute may take, as configured; null for as much as there is. */
  readonly configured: number | null
  /** How much the other side says that it takes. */
  readonly reported: number | null
  /** How fast the other side's own bucket fills, in units a millisecond. */
  readonly reportedRate: number | null
  /** What can be taken now; below zero when more was used than was taken. */
  readonly level: number
}

/** What the other side says of one kind of thing it counts. */
export interface ReportedLimit {
  readonly limit?: number | undefined
  readonly remaining?: number | undefined
  readonly resetIn?: number | undefined
}

/** What the other side says that it still takes. */
export interface ReportedLimits {
  readonly requests?: ReportedLimit | undefined
  readonly tokens?: ReportedLimit | undefined
}

const MINUTE = 60_000
// Sums of fractions end a hair below the whole they stand for.
const HAIR = 1e-6

/** A full bucket. */
export function createBucket(configured: number | null): LimiterBucket {
  return { configured, reported: null, reportedRate: null, level: configured ?? 0 }
}

/** The most a bucket holds; null when there is no end to it. */
export function bucketSize({ configured, reported }: LimiterBucket): number | null {
  if (configured === null || reported === null) return configured ?? reported
  return Math.min(configured, reported)
}

/** The bucket when so many milliseconds have passed. */
export function refill(bucket: LimiterBucket, ms: number): LimiterBucket {
  const size = bucketSize(bucket)
  if (size === null || ms <= 0 || bucket.level >= size) return bucket
  return { ...bucket, level: Math.min(size, bucket.level + rateOf(bucket) * ms) }
}

/** Milliseconds until an amount can be taken: 0 for now, Infinity for never. */
export function timeUntil(bucket: LimiterBucket, amount: number): number {
  const size = bucketSize(bucket)
  if (size === null || bucket.level + HAIR >= amount) return 0
  if (amount > size) return Number.POSITIVE_INFINITY
  const rate = rateOf(bucket)
  // Dividing rounds otherwise than filling: what is told is held against what will be there.
  const wait = Math.max(1, Math.ceil((amount - HAIR - bucket.level) / rate))
  return bucket.level + rate * wait + HAIR >= amount ? wait : wait + 1
}

/**
 * The bucket with an amount taken out, or given back where it is negative. It owes no more than a minute's worth: the other
 * side looks no further back, and one absurd claim is not to close it for days.
 */
export function draw(bucket: LimiterBucket, amount: number): LimiterBucket {
  const size = bucketSize(bucket)
  return size === null ? bucket : { ...bucket, level: Math.max(-size, Math.min(size, bucket.level - amount)) }
}

/** The bucket with another configuration. What is in it stays, as far as it fits. */
export function configure(bucket: LimiterBucket, configured: number | null): LimiterBucket {
  if (bucket.configured === configured) return bucket
  const next = { ...bucket, configured }
  const size = bucketSize(next) ?? 0
  return { ...next, level: bucketSize(bucket) === null ? size : Math.min(size, bucket.level) }
}

/** The bucket as the other side reports it: its limit binds from now on, and there is no more than it says remains. */
export function report(bucket: LimiterBucket, { limit, remaining, resetIn = 0 }: ReportedLimit): LimiterBucket {
  const next = limit === undefined || limit <= 0 ? bucket : { ...bucket, reported: limit, reportedRate: limit / MINUTE }
  const size = bucketSize(next)
  if (size === null) return next
  const level = bucketSize(bucket) === null ? size : Math.min(size, bucket.level)
  if (remaining === undefined) return { ...next, level }
  // Full again in more than a minute: then it does not count by the minute.
  const isSlow = limit !== undefined && resetIn > MINUTE && remaining < limit
  const reportedRate = isSlow ? (limit - remaining) / resetIn : next.reportedRate
  return { ...next, reportedRate, level: Math.min(level, remaining) }
}

function rateOf({ configured, reportedRate }: LimiterBucket): number {
  return Math.min(
    configured === null ? Number.POSITIVE_INFINITY : configured / MINUTE,
    reportedRate ?? Number.POSITIVE_INFINITY,
  )
}
