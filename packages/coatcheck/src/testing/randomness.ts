const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** A generator whose whole sequence follows from its seed: the same seed, the same test. Never for real secrets. */
export interface Seeded {
  /** A number from 0 up to, but not including, 1. */
  readonly next: () => number
  /** An integer from 0 up to, but not including, `below`. */
  readonly int: (below: number) => number
  /** As `random` of the runtime: `count` random bytes as base64url without padding. */
  readonly bytes: (count: number) => string
  readonly pick: <T>(items: readonly T[]) => T
  /** A shuffled copy. */
  readonly shuffle: <T>(items: readonly T[]) => T[]
}

/** Its functions may be passed on without it, as in `random: seeded('a run').bytes`. */
export function seeded(seed: number | string): Seeded {
  const bits = sfc32(String(seed))
  const next = () => bits() / 2 ** 32
  const int = (below: number) => Math.floor(next() * below)
  return {
    next,
    int,
    bytes: (count) => base64url(Array.from({ length: count }, () => bits() & 0xff)),
    pick(items) {
      if (items.length === 0) throw new RangeError('Nothing to pick from.')
      return items[int(items.length)] as (typeof items)[number]
    },
    shuffle(items) {
      const copy = [...items]
      for (let last = copy.length - 1; last > 0; last--) {
        const other = int(last + 1)
        const held = copy[last] as (typeof items)[number]
        copy[last] = copy[other] as (typeof items)[number]
        copy[other] = held
      }
      return copy
    },
  }
}

/** Chris Doty-Humphrey's Small Fast Counter: 128 bits of state, 32 bits a step. */
function sfc32(seed: string): () => number {
  let [a, b, c, counter] = [fnv1a(`${seed}/a`), fnv1a(`${seed}/b`), fnv1a(`${seed}/c`), 1]
  const step = () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return sum >>> 0
  }
  // Near seeds start with near states: the first steps mix them.
  for (let i = 0; i < 15; i++) step()
  return step
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

function base64url(bytes: readonly number[]): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const [first = 0, second = 0, third = 0] = bytes.slice(i, i + 3)
    const group = (first << 16) | (second << 8) | third
    const sextets = [group >> 18, group >> 12, group >> 6, group].map((value) => BASE64URL.charAt(value & 63))
    text += sextets.slice(0, Math.min(bytes.length - i, 3) + 1).join('')
  }
  return text
}
