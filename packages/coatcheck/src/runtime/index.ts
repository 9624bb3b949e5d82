/**
 * The port to the platform: the only way by which the rest of the library reads the time, makes randomness, starts a
 * timer or computes a hash. Synchronous where the platform allows it (Node), because an asynchronous hash costs fifty
 * times as much; so hashes answer a value or a promise of it, and callers await only what is a promise.
 */
export type Awaitable<T> = T | Promise<T>

/** A MAC key that the platform has made ready; only the runtime that made it can read it. */
export interface MacKey {
  readonly mac: (text: string) => Awaitable<string>
}

/** Cancels what it was returned for. Calling it twice does no harm. */
export type Cancel = () => void

export interface Runtime {
  /** Epoch milliseconds. */
  now(): number
  /** Milliseconds since a fixed moment of this process; never goes back, and may stand still while the machine sleeps. */
  monotonic(): number
  /** `bytes` random bytes from the platform's CSPRNG, as base64url without padding (ASVS 11.5.1). */
  random(bytes: number): string
  /** SHA-256 of the text's UTF-8 bytes as base64url, 43 characters. */
  sha256(text: string): Awaitable<string>
  /** A key for HMAC-SHA256. Its `mac(text)` answers base64url, 43 characters. */
  macKey(secret: string): Awaitable<MacKey>
  /** Whether two strings are equal, in a time that depends on their lengths alone (ASVS 11.2.4). */
  equal(a: string, b: string): boolean
  /**
   * Calls `task` once after `ms`. The timer alone keeps no process alive, unless `hold` is set because a caller awaits
   * what the task does: a program that waits for nothing else would otherwise end in the middle of it.
   */
  after(ms: number, task: () => void, hold?: boolean): Cancel
  /** Whether this process is one of several of the same application, as far as the platform knows. */
  isOneOfSeveral(): boolean
  /**
   * Whether what one request began may be awaited, or ended, by another one. Cloudflare's workers bind promises and timers to
   * the request that made them: there nothing is shared but values, and nothing goes on between requests.
   */
  mayShareAcrossRequests(): boolean
  /** Tells the developer something by the platform's own means. `text` holds no secret. */
  warn(text: string): void
}
