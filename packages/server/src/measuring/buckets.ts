/** The first bucket ends at 10 µs, each further one at a quarter more: what is read out of them is at most so much too high. */
const FIRST = 0.01
const RATIO = 1.25
const LAST = 80

/** The bucket of a duration, as the label under which it is counted. */
export function bucketOf(seconds: number): string {
  const bucket = Math.ceil(Math.log((seconds * 1_000) / FIRST) / Math.log(RATIO))
  return String(Math.min(Math.max(bucket, 0), LAST))
}

/** Where a bucket ends, in milliseconds. */
const endOf = (bucket: number) => FIRST * RATIO ** bucket

/** How long half, 99 of 100, and the longest took at most, in milliseconds. */
export interface Latency {
  readonly median: number
  readonly p99: number
  readonly longest: number
}

/** Of counts by bucket; null where nothing was counted. */
export function latencyOf(counts: ReadonlyMap<string, number>): Latency | null {
  const buckets = [...counts]
    .map(([label, count]) => ({ bucket: Number(label), count }))
    .filter(({ count }) => count > 0)
  const ordered = buckets.toSorted((a, b) => a.bucket - b.bucket)
  const total = ordered.reduce((sum, { count }) => sum + count, 0)
  const quantile = (part: number) => {
    let sum = 0
    for (const { bucket, count } of ordered) {
      sum += count
      if (sum >= total * part) return endOf(bucket)
    }
    return 0
  }
  return total === 0 ? null : { median: quantile(0.5), p99: quantile(0.99), longest: quantile(1) }
}
