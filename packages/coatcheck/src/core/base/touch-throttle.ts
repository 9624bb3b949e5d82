/** Lets each key through once per interval in this process, so that parallel requests record one activity, not many. */
export interface TouchGate {
  readonly admit: (key: string, now: number) => boolean
}

/**
 * Remembers keys in two halves that are exchanged each interval: a key is forgotten between one and two intervals after
 * it passed, without a timer and without a walk over all keys. `interval` 0 lets everything through.
 */
export function makeTouchGate(interval: number): TouchGate {
  let newer = new Map<string, number>()
  let older = new Map<string, number>()
  let exchangedAt = Number.NEGATIVE_INFINITY
  return {
    admit(key, now) {
      if (interval === 0) return true
      if (now - exchangedAt >= interval || now < exchangedAt) {
        older = newer
        newer = new Map()
        exchangedAt = now
      }
      const last = newer.get(key) ?? older.get(key)
      if (last !== undefined && now - last < interval && now >= last) return false
      newer.set(key, now)
      return true
    },
  }
}
