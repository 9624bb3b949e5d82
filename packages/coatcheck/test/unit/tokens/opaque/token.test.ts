import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type KeyRing, makeKeys } from '../../../../src/core/keys/keys.ts'
import type { Runtime } from '../../../../src/runtime/index.ts'
import { runtime as node } from '../../../../src/runtime/node.ts'
import { runtime as web } from '../../../../src/runtime/web.ts'
import { seeded } from '../../../../src/testing/randomness.ts'
import {
  checkTag,
  deriveSuccessor,
  newSecret,
  parseToken,
  type Token,
  writeToken,
} from '../../../../src/tokens/opaque/token.ts'

const KEY = 'a-signing-key-for-tokens-0123456789abcdef'
const OTHER_KEY = 'another-signing-key-fedcba9876543210-zyx'
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const MOST = 36 ** 8 - 1

const hmac = (secret: string, text: string) => createHmac('sha256', secret).update(text, 'utf8').digest('base64url')
const ringOf = async (keys: readonly string[], runtime: Runtime = node): Promise<KeyRing> =>
  await makeKeys(keys, runtime).ring()

const random = seeded('tokens')
const ID = random.bytes(16)
const SECRET = random.bytes(32)

async function aToken(generation = 3, keys = [KEY]): Promise<string> {
  return await writeToken(ID, generation, SECRET, (await ringOf(keys)).newest)
}

/** The shape as the format's description has it, in words of its own. */
function hasShape(text: string): boolean {
  const [format, generation = '', body = '', end = '', ...more] = text.split('.')
  const isBase64url = (part: string, length: number) =>
    part.length === length && [...part].every((character) => BASE64URL.includes(character))
  const isGeneration =
    generation.length >= 1 &&
    generation.length <= 8 &&
    [...generation].every((character) => '0123456789abcdefghijklmnopqrstuvwxyz'.includes(character)) &&
    (generation === '0' || !generation.startsWith('0'))
  return format === 'cc1' && more.length === 0 && isGeneration && isBase64url(body, 65) && isBase64url(end, 28)
}

describe('parsing', () => {
  test('a token comes back as it was written', async () => {
    const ring = await ringOf([KEY])
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1_000_000),
        fc.oneof(fc.nat(), fc.constantFrom(0, 35, 36, MOST)),
        async (seed, generation) => {
          const bytes = seeded(seed)
          const [id, secret] = [bytes.bytes(16), bytes.bytes(32)]
          const text = await writeToken(id, generation, secret, ring.newest)
          const token = parseToken(text)
          expect(token).toMatchObject({ id, secret, generation, keyId: ring.newest.id })
          expect(token?.signed).toBe(text.slice(0, text.lastIndexOf('.')))
          expect(`${token?.signed}.${token?.keyId}${token?.tag}`).toBe(text)
          expect(checkTag(token as Token, ring, node)).toBe('ours')
        },
      ),
      { seed: 1, numRuns: 200 },
    )
  })

  test('is 100 characters long at first and 107 at the last generation, which parses too', async () => {
    expect(await aToken(0)).toHaveLength(100)
    const last = await aToken(MOST)
    expect(last).toHaveLength(107)
    expect(last).toMatch(/^cc1\.zzzzzzzz\./)
    expect(parseToken(last)?.generation).toBe(MOST)
    await expect(aToken(MOST + 1)).rejects.toThrow(RangeError)
  })

  test.each(['', '00', '01', '-1', '+1', 'A', 'Z', '1.5', '1_1', ' 1', '1 ', '100000000', 'zzzzzzzzz', '٣'])(
    'no generation is %j',
    async (generation) => {
      const text = await aToken()
      expect(parseToken(text.replace(/^cc1\.3\./, `cc1.${generation}.`))).toBeNull()
    },
  )

  test.each([
    ['0', 0],
    ['1', 1],
    ['z', 35],
    ['10', 36],
    ['zz', 1_295],
    ['zzzzzzzz', MOST],
  ])('generation %s is %i', async (text, generation) => {
    expect(parseToken((await aToken()).replace(/^cc1\.3\./, `cc1.${text}.`))?.generation).toBe(generation)
  })

  test('any text: no exception, and only what has the exact shape is one', async () => {
    const near = fc
      .tuple(
        fc.constantFrom('cc1', 'cc2', 'CC1', 'cc', '', 'cc1.'),
        fc.string({ unit: fc.constantFrom(...'0123456789abcdefzAZ.-'), maxLength: 10 }),
        fc
          .integer({ min: 63, max: 67 })
          .chain((n) => fc.string({ unit: fc.constantFrom(...BASE64URL), minLength: n, maxLength: n })),
        fc
          .integer({ min: 27, max: 29 })
          .chain((n) => fc.string({ unit: fc.constantFrom(...BASE64URL), minLength: n, maxLength: n })),
      )
      .map((parts) => parts.join('.'))
    const bytes = fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some).toString('latin1'))
    await fc.assert(
      fc.property(fc.oneof(near, bytes, fc.string({ unit: 'binary' })), (text) => {
        expect(parseToken(text) !== null).toBe(hasShape(text))
      }),
      { seed: 2, numRuns: 700 },
    )
  })

  test('a token with anything before, after or within is none', async () => {
    const text = await aToken()
    for (const more of [' ', '\n', '\r\n', '\0', '.', 'a', '\u2028', '=']) {
      for (const other of [more + text, text + more, text.slice(0, 50) + more + text.slice(50)]) {
        expect(parseToken(other)).toBeNull()
      }
    }
    expect(parseToken(text.slice(1))).toBeNull()
    expect(parseToken(text.slice(0, -1))).toBeNull()
    expect(parseToken('')).toBeNull()
    expect(parseToken('x'.repeat(1_000_000))).toBeNull()
  })
})

describe.each([
  ['node', node],
  ['web', web],
] as const)('the tag on %s', (_, runtime) => {
  test('is the first 132 bits of HMAC-SHA256 over what stands before it, by a key of its own', async () => {
    const ring = await ringOf([KEY], runtime)
    const text = await writeToken(ID, 3, SECRET, ring.newest)
    const token = parseToken(text) as Token
    expect(token.keyId).toBe(hmac(KEY, 'coatcheck/1/key-id').slice(0, 6))
    expect(token.tag).toBe(hmac(hmac(KEY, 'coatcheck/1/tag'), `cc1.3.${ID}${SECRET}`).slice(0, 22))
    expect(text).toBe(`cc1.3.${ID}${SECRET}.${token.keyId}${token.tag}`)
  })

  test('is ours for every key of the ring, and of no other', async () => {
    const token = parseToken(await aToken(3, [KEY])) as Token
    expect(await checkTag(token, await ringOf([KEY], runtime), runtime)).toBe('ours')
    expect(await checkTag(token, await ringOf([OTHER_KEY, KEY], runtime), runtime)).toBe('ours')
    expect(await checkTag(token, await ringOf([OTHER_KEY], runtime), runtime)).toBe('unknown-key')
  })

  test('is forged where the tag of one key stands under the name of another', async () => {
    const ring = await ringOf([KEY, OTHER_KEY], runtime)
    const token = parseToken(await aToken()) as Token
    const other = parseToken(await aToken(3, [OTHER_KEY])) as Token
    expect(await checkTag({ ...token, keyId: other.keyId }, ring, runtime)).toBe('forged')
  })

  test('the newest key of a ring writes', async () => {
    const ring = await ringOf([OTHER_KEY, KEY], runtime)
    expect(parseToken(await writeToken(ID, 0, SECRET, ring.newest))?.keyId).toBe(
      hmac(OTHER_KEY, 'coatcheck/1/key-id').slice(0, 6),
    )
  })

  test('the successor follows from key, id, generation, secret and nonce, and differs with each', async () => {
    const { newest } = await ringOf([KEY], runtime)
    const from = { id: ID, generation: 4, secret: SECRET, nonce: 'nonce-1' }
    const successor = await deriveSuccessor(newest, from)
    expect(successor).toBe(hmac(hmac(KEY, 'coatcheck/1/successor'), `${ID}.4.${SECRET}.nonce-1`))
    const others = [{ generation: 5 }, { nonce: 'nonce-2' }, { secret: newSecret(runtime) }, { id: runtime.random(16) }]
    const different = await Promise.all(others.map((other) => deriveSuccessor(newest, { ...from, ...other })))
    expect(new Set([successor, ...different]).size).toBe(5)
    expect(await deriveSuccessor((await ringOf([OTHER_KEY], runtime)).newest, from)).not.toBe(successor)
  })
})

test('every change of one character makes it not ours', async () => {
  const ring = await ringOf([KEY])
  const text = await aToken()
  const alphabet = [...BASE64URL, '.', '=', '+', '/', ' ', '\0', 'é']
  let parsed = 0
  for (let at = 0; at < text.length; at++) {
    for (const character of alphabet) {
      if (character === text[at]) continue
      const token = parseToken(text.slice(0, at) + character + text.slice(at + 1))
      if (token === null) continue
      parsed += 1
      expect(checkTag(token, ring, node)).not.toBe('ours')
    }
  }
  expect(parsed).toBeGreaterThan(90 * 60)
})

test('secrets have 256 random bits, drawn from the runtime', () => {
  const asked: number[] = []
  const runtime: Runtime = {
    ...node,
    random(bytes) {
      asked.push(bytes)
      return node.random(bytes)
    },
  }
  expect(newSecret(runtime)).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(asked).toEqual([32])
  expect(newSecret(node)).not.toBe(newSecret(node))
})
