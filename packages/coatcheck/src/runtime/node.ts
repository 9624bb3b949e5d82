import { createHash, hash, randomFillSync } from 'node:crypto'
import type { Cancel, MacKey, Runtime } from './index.ts'

const BLOCK = 64
const POOL = 8192

/** Randomness is drawn 8 KiB at a time: one system call for many tokens. Bytes that were given out are overwritten. */
const pool = Buffer.alloc(POOL)
let used = POOL

function random(bytes: number): string {
  if (bytes > POOL) throw new RangeError(`random: at most ${POOL} bytes at a time`)
  if (used + bytes > POOL) {
    randomFillSync(pool)
    used = 0
  }
  const text = pool.toString('base64url', used, used + bytes)
  pool.fill(0, used, used + bytes)
  used += bytes
  return text
}

/**
 * HMAC-SHA256 (RFC 2104) from two one-shot hashes over reused buffers, which costs less than a Hmac object.
 * The buffers are the key's own and each call is synchronous, so calls cannot mix.
 */
function macKey(secret: string): MacKey {
  let key: Buffer = Buffer.from(secret, 'utf8')
  if (key.length > BLOCK) key = createHash('sha256').update(key).digest()
  let inner: Buffer = Buffer.alloc(BLOCK + 256, 0x36)
  const outer = Buffer.alloc(BLOCK + 32, 0x5c)
  for (let i = 0; i < BLOCK; i++) {
    const byte = key[i] ?? 0
    inner[i] = byte ^ 0x36
    outer[i] = byte ^ 0x5c
  }
  // Texts are nearly always of one length (that of a token), so the view of the inner buffer is kept.
  let view = inner
  return {
    mac(text) {
      const most = BLOCK + text.length * 3
      if (most > inner.length) {
        const larger = Buffer.alloc(most)
        inner.copy(larger, 0, 0, BLOCK)
        inner = larger
        view = larger
      }
      const length = BLOCK + inner.write(text, BLOCK, 'utf8')
      if (view.length !== length) view = inner.subarray(0, length)
      outer.write(hash('sha256', view, 'binary'), BLOCK, 'latin1')
      return hash('sha256', outer, 'base64url')
    },
  }
}

/**
 * Touches each character whatever it finds, so the time tells nothing about where two texts differ. `timingSafeEqual`
 * would need two new buffers for each comparison, and this one runs twice in every request.
 */
function equal(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}

function after(ms: number, task: () => void, hold = false): Cancel {
  const timer = setTimeout(task, ms)
  if (!hold) timer.unref()
  return () => clearTimeout(timer)
}

/** A worker of `node:cluster` has a channel to its primary; elsewhere that module is not loaded, which takes milliseconds. */
function isOneOfSeveral(): boolean {
  if (process.send === undefined) return false
  // Its types are those of an import, where it is the default.
  const cluster = process.getBuiltinModule('node:cluster') as unknown as { readonly isWorker: boolean }
  return cluster.isWorker
}

export const runtime: Runtime = {
  now: Date.now,
  monotonic: () => performance.now(),
  random,
  sha256: (text) => hash('sha256', text, 'base64url'),
  macKey,
  equal,
  after,
  isOneOfSeveral,
  mayShareAcrossRequests: () => true,
  warn: (text) => process.emitWarning(text, 'CoatcheckWarning'),
}
