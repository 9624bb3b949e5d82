import type { Runtime } from '../../runtime/index.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** A random number from 0 up to but not including 1, in steps of 1/4096: to keep processes from acting in step. */
export function fraction(runtime: Runtime): number {
  const text = runtime.random(3)
  return (ALPHABET.indexOf(text.charAt(0)) * 64 + ALPHABET.indexOf(text.charAt(1))) / 4096
}
