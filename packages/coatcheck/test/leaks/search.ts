/** What is looked for: one form of one secret. */
interface Needle {
  readonly secret: string
  readonly form: string
  readonly bytes: Buffer
}

/** The forms in which the bytes of a secret might be written. */
export function formsOf(bytes: Buffer): Readonly<Record<string, Buffer>> {
  const hex = bytes.toString('hex')
  return {
    base64url: Buffer.from(bytes.toString('base64url')),
    base64: Buffer.from(bytes.toString('base64').replace(/=+$/, '')),
    'lower hex': Buffer.from(hex),
    'upper hex': Buffer.from(hex.toUpperCase()),
    raw: bytes,
  }
}

/**
 * Searches bytes for any form of any of the secrets, all at once: by the first three bytes of each first, so that the
 * time depends on the size of what is searched and not on how many secrets there are.
 */
export class Search {
  readonly #byStart = new Map<number, Needle[]>()
  readonly #starts = new Uint8Array(2 ** 24)

  /** A secret of 32 random bytes, given as base64url. */
  addSecret(secret: string): void {
    this.#add(secret, Buffer.from(secret, 'base64url'))
  }

  /** A secret text, such as a whole token or the text of a key. */
  addText(text: string): void {
    this.#add(text, Buffer.from(text))
  }

  #add(secret: string, raw: Buffer): void {
    if (raw.length < 16) throw new RangeError('Too short: it would be found by chance.')
    for (const [form, bytes] of Object.entries(formsOf(raw))) {
      const start = bytes.readUIntBE(0, 3)
      this.#starts[start] = 1
      const known = this.#byStart.get(start) ?? []
      if (!known.some((needle) => needle.bytes.equals(bytes))) known.push({ secret, form, bytes })
      this.#byStart.set(start, known)
    }
  }

  /** Which secrets stand in the bytes, and in which form, each once. */
  in(haystack: Buffer): readonly string[] {
    const found = new Set<string>()
    for (let at = 0; at + 3 <= haystack.length; at++) {
      const start = haystack.readUIntBE(at, 3)
      if (this.#starts[start] === 0) continue
      for (const { secret, form, bytes } of this.#byStart.get(start) ?? []) {
        if (haystack.subarray(at, at + bytes.length).equals(bytes)) found.add(`${secret} as ${form}`)
      }
    }
    return [...found]
  }
}
