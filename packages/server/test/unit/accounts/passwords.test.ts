import { hash, verify } from '@node-rs/argon2'
import { describe, expect, it } from 'vitest'
import { makePasswords } from '../../../src/accounts/passwords.ts'

/** The real algorithm, with the hashes that were computed against, one for each password checked. */
function counted() {
  const against: string[] = []
  const passwords = makePasswords(1, {
    hash,
    async verify(known, password) {
      against.push(String(known))
      return await verify(known, password)
    },
  })
  return { passwords, against }
}

const PARAMETERS = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/

describe('a password', () => {
  it('is hashed by Argon2id with 19 MiB and two passes, and fits whatever the composition of its letters', async () => {
    const { passwords } = counted()
    const kept = await passwords.hash('ça va bien, les manteaux', 'me')
    expect(kept).toMatch(PARAMETERS)
    expect(await passwords.verify('c\u0327a va bien, les manteaux', kept, 'me')).toBe(true)
    expect(await passwords.verify('Ça va bien, les manteaux', kept, 'me')).toBe(false)
  })

  it('needs another hash where that was made with other parameters, or by another algorithm', async () => {
    const { passwords } = counted()
    expect(passwords.needsRehash(await passwords.hash('correct horse battery', 'me'))).toBe(false)
    const outdated = await hash('correct horse battery', { memoryCost: 8_192, timeCost: 1, parallelism: 1 })
    expect(passwords.needsRehash(outdated)).toBe(true)
    expect(passwords.needsRehash(outdated.replace('argon2id', 'argon2i'))).toBe(true)
    expect(passwords.needsRehash('')).toBe(true)
  })

  it('for nobody costs the same computation: with the same parameters, each time, and never fits', async () => {
    const { passwords, against } = counted()
    expect(await passwords.verify('correct horse battery', null, 'me')).toBe(false)
    expect(await passwords.verify('the password of nobody', null, 'me')).toBe(false)
    expect(against).toEqual([expect.stringMatching(PARAMETERS), expect.stringMatching(PARAMETERS)])
  })
})
