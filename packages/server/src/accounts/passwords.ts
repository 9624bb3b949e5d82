import { availableParallelism } from 'node:os'
import * as argon2 from '@node-rs/argon2'
import { makePasswordQueue } from './password-queue.ts'

export const LONGEST_PASSWORD = 128

/** OWASP Password Storage: Argon2id (the library's default algorithm), 19 MiB, two passes, one lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const
/** How the hashes of today begin (PHC string format). */
const PREFIX = `$argon2id$v=19$m=${PARAMETERS.memoryCost},t=${PARAMETERS.timeCost},p=${PARAMETERS.parallelism}$`
/** Passwords that wait to be checked, in one process. */
export const LONGEST_QUEUE = 64

/** `by`: whose turn the work is, as `siteKey` answers it for the client's address; those who wait take turns. */
export interface Passwords {
  /** @throws BusyError */
  readonly hash: (password: string, by: string) => Promise<string>
  /** With `null` for an account that does not exist it does the same work and answers false. @throws BusyError */
  readonly verify: (password: string, hash: string | null, by: string) => Promise<boolean>
  /** Whether the hash was made with other parameters than new ones are. */
  readonly needsRehash: (hash: string) => boolean
}

/** Hashes as many passwords at once as this process's share of the cores, keeps 64 waiting, and refuses the rest; see `PasswordQueue`. */
export function makePasswords(
  processes = 1,
  { hash, verify }: Pick<typeof argon2, 'hash' | 'verify'> = argon2,
): Passwords {
  const queue = makePasswordQueue(Math.max(1, Math.floor(availableParallelism() / processes)), LONGEST_QUEUE)
  let nobody: Promise<string> | null = null
  return {
    hash: (password, by) => queue(by, () => hash(prepared(password), PARAMETERS)),
    async verify(password, known, by) {
      nobody ??= hash('the password of nobody', PARAMETERS).catch((error: unknown) => {
        // Tried again: else unknown names would fail for ever, and known ones not.
        nobody = null
        throw error
      })
      const against = known ?? (await nobody)
      const fits = await queue(by, () => verify(against, prepared(password)))
      return fits && known !== null
    },
    needsRehash: (known) => !known.startsWith(PREFIX),
  }
}

/** The same password however the keyboard composes its letters (NIST SP 800-63B-4 3.1.1.2). */
function prepared(password: string): string {
  return password.normalize('NFKC')
}

/** The length as people count it: in characters, not bytes. */
export function passwordLength(password: string): number {
  return [...prepared(password)].length
}
