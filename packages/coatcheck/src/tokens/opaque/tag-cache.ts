import type { Token } from './token.ts'

/**
 * Remembers of tokens that counted that their tag was right, so that it is made once in a process and not once for each
 * request. Holds what cannot sign in: the hash of the secret, and what stands beside the secret in a token.
 */
export interface TagCache {
  /** Whether a token with this secret (by its hash) and everything else the same was verified here. */
  readonly has: (hash: string, token: Token) => boolean
  readonly add: (hash: string, token: Token) => void
}

type Verified = Pick<Token, 'id' | 'generation' | 'keyId' | 'tag'>

/** `most`: of how many tokens at least it knows the latest; twice as many at most. The rest is forgotten half by half. */
export function makeTagCache(most: number): TagCache {
  let newer = new Map<string, Verified>()
  let older = new Map<string, Verified>()

  function keep(hash: string, verified: Verified): void {
    if (newer.size >= most) {
      older = newer
      newer = new Map()
    }
    newer.set(hash, verified)
  }

  return {
    has(hash, { id, generation, keyId, tag }) {
      const known = newer.get(hash) ?? older.get(hash)
      return (
        known !== undefined &&
        known.tag === tag &&
        known.id === id &&
        known.generation === generation &&
        known.keyId === keyId
      )
    },
    add(hash, { id, generation, keyId, tag }) {
      if (!newer.has(hash)) keep(hash, { id, generation, keyId, tag })
    },
  }
}
