import type { Cancel, MacKey, Runtime } from './index.ts'

const utf8 = new TextEncoder()
const HMAC = { name: 'HMAC', hash: 'SHA-256' }

function base64url(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function random(bytes: number): string {
  return base64url(crypto.getRandomValues(new Uint8Array(bytes)))
}

async function sha256(text: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8.encode(text))))
}

async function macKey(secret: string): Promise<MacKey> {
  const key = await crypto.subtle.importKey('raw', utf8.encode(secret), HMAC, false, ['sign'])
  return { mac: async (text) => base64url(new Uint8Array(await crypto.subtle.sign(HMAC, key, utf8.encode(text)))) }
}

/** The platform has no constant-time comparison; this loop touches each character whatever it finds. */
function equal(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return difference === 0
}

function after(ms: number, task: () => void, hold = false): Cancel {
  const timer: unknown = setTimeout(task, ms)
  // Deno and Bun answer an object or a number; only an object that can be unref'd would keep a process alive.
  if (!hold && typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function')
    timer.unref()
  return () => clearTimeout(timer as number)
}

export const runtime: Runtime = {
  now: Date.now,
  monotonic: () => performance.now(),
  random,
  sha256,
  macKey,
  equal,
  after,
  isOneOfSeveral: () => false,
  mayShareAcrossRequests: () => globalThis.navigator?.userAgent !== 'Cloudflare-Workers',
  warn: (text) => console.warn(text),
}
