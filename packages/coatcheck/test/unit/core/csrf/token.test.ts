import { describe, expect, test } from 'vitest'
import {
  matchCsrfToken,
  type Subject,
  sessionSubject,
  visitorSubject,
  writeCsrfToken,
} from '../../../../src/core/csrf/token.ts'
import { makeKeys } from '../../../../src/core/keys/keys.ts'
import { runtime } from '../../../../src/runtime/node.ts'

const OLD = 'an-older-key-for-forms-0123456789abcdef'
const NEW = 'a-newer-key-for-forms-fedcba9876543210'
const ringOf = async (...keys: string[]) => await makeKeys(keys, runtime).ring()

const session = (id: string, authenticatedAt: number): Subject => sessionSubject({ id, authenticatedAt })
const ADA = session('A'.repeat(22), 3)
const BOB = session('B'.repeat(22), 3)
const VISITOR = visitorSubject('V'.repeat(22))

async function tokenOf(subject: Subject, key = NEW) {
  return await writeCsrfToken(subject, (await ringOf(key)).newest, runtime)
}

async function matchOf(token: string, subjects: readonly Subject[], ...keys: string[]) {
  return await matchCsrfToken(token, subjects, await ringOf(...(keys.length === 0 ? [NEW] : keys)), runtime)
}

describe('a token', () => {
  test('counts for the session that it was made for', async () => {
    expect(await matchOf(await tokenOf(ADA), [ADA])).toBe('exact')
    expect(await matchOf(await tokenOf(VISITOR), [VISITOR])).toBe('exact')
  })

  test('counts for any of several subjects', async () => {
    expect(await matchOf(await tokenOf(VISITOR), [ADA, VISITOR])).toBe('exact')
    expect(await matchOf(await tokenOf(ADA), [ADA, VISITOR])).toBe('exact')
  })

  test.each([
    ['another session', BOB, 'other'],
    ['the session after its user was authenticated again', session('A'.repeat(22), 4), 'older'],
    ['the session before that', session('A'.repeat(22), 2), 'older'],
    ['a visitor', VISITOR, 'other'],
    ['a visitor whose value is the id of the session', visitorSubject('A'.repeat(22)), 'other'],
  ] as const)('does not count for %s', async (_, subject, expected) => {
    expect(await matchOf(await tokenOf(ADA), [subject])).toBe(expected)
  })

  test('does not count where there is neither session nor cookie', async () => {
    expect(await matchOf(await tokenOf(ADA), [])).toBe('other')
    expect(await matchOf(await tokenOf(VISITOR), [])).toBe('other')
  })

  test('of a generation with more digits is not one of a longer id', async () => {
    expect(await matchOf(await tokenOf(session('A', 11)), [session('A.1', 1)])).toBe('other')
    expect(await matchOf(await tokenOf(session('A', 1)), [session('A', 11)])).toBe('older')
  })

  test('of an old key counts while that key is listed', async () => {
    const token = await tokenOf(ADA, OLD)
    expect(await matchOf(token, [ADA], NEW, OLD)).toBe('exact')
    expect(await matchOf(token, [ADA], NEW)).toBe('none')
  })

  test('is made with the newest key', async () => {
    const ring = await ringOf(NEW, OLD)
    expect((await writeCsrfToken(ADA, ring.newest, runtime)).slice(22, 28)).toBe(ring.newest.id)
  })

  test('shares nothing with the next one of its session but the public name of the key', async () => {
    const [one, two] = [await tokenOf(ADA), await tokenOf(ADA)]
    expect(one).toMatch(/^[A-Za-z0-9_-]{94}$/)
    expect(one.slice(22, 28)).toBe(two.slice(22, 28))
    for (const part of [one.slice(0, 22), one.slice(28)]) {
      for (let at = 0; at + 6 <= part.length; at++) expect(two).not.toContain(part.slice(at, at + 6))
    }
  })

  test('does not count by the MAC of another purpose', async () => {
    const ring = await ringOf(NEW)
    const nonce = 'N'.repeat(22)
    const texts = [`exact.${nonce}.${ADA.who}.${ADA.authenticatedAt}`, `who.${nonce}.${ADA.who}`, `ours.${nonce}`]
    const made = (key: { mac: (text: string) => string | Promise<string> }) =>
      nonce + ring.newest.id + texts.map((text) => String(key.mac(text)).slice(0, 22)).join('')
    expect(await matchOf(made(ring.newest.csrf), [ADA])).toBe('exact')
    expect(await matchOf(made(ring.newest.tag), [ADA])).toBe('none')
    expect(await matchOf(made(ring.newest.successor), [ADA])).toBe('none')
  })
})

describe('a changed token', () => {
  const PLACES = [
    ['the nonce', 3, 'none'],
    ['the key', 23, 'none'],
    ['the first MAC', 30, 'older'],
    ['its end', 49, 'older'],
  ] as const

  test.each(PLACES)('in %s', async (_, at, expected) => {
    const token = await tokenOf(ADA)
    const other = token[at] === 'A' ? 'B' : 'A'
    expect(await matchOf(token.slice(0, at) + other + token.slice(at + 1), [ADA])).toBe(expected)
  })

  test('in the two MACs that tell why, counts as before for its session alone', async () => {
    const token = await tokenOf(ADA)
    const broken = `${token.slice(0, 50)}${'A'.repeat(44)}`
    expect(await matchOf(broken, [ADA])).toBe('exact')
    expect(await matchOf(broken, [BOB])).toBe('none')
  })

  test.each([
    ['truncated', (token: string) => token.slice(0, -1)],
    ['lengthened', (token: string) => `${token}A`],
    ['empty', () => ''],
    ['with a line end', (token: string) => `${token}\n`],
    ['of other letters', (token: string) => `${token.slice(0, -1)}=`],
    ['of NULs', () => '\0'.repeat(94)],
    ['of 10 MB', () => 'A'.repeat(10_000_000)],
    ['made up', () => 'A'.repeat(94)],
  ])('%s is none', async (_, change) => {
    expect(await matchOf(change(await tokenOf(ADA)), [ADA])).toBe('none')
  })

  test('is refused by its shape before a MAC is made', async () => {
    const ring = await ringOf(NEW)
    let macs = 0
    const csrf = {
      mac(text: string) {
        macs++
        return ring.newest.csrf.mac(text)
      },
    }
    const counting = { ...ring, find: () => ({ ...ring.newest, csrf }) }
    const token = await tokenOf(ADA)
    expect(await matchCsrfToken(token.slice(1), [ADA], counting, runtime)).toBe('none')
    expect(macs).toBe(0)
    expect(await matchCsrfToken(token, [ADA], counting, runtime)).toBe('exact')
    expect(macs).toBe(1)
  })

  test('is compared by the runtime, in constant time', async () => {
    const compared: number[] = []
    const equal = (a: string, b: string) => {
      compared.push(a.length, b.length)
      return false
    }
    expect(await matchCsrfToken(await tokenOf(ADA), [ADA], await ringOf(NEW), { ...runtime, equal })).toBe('none')
    expect(compared).toEqual([22, 22, 22, 22, 22, 22])
  })
})
