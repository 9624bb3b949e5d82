import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { keyIds, makeKeys, parseKeys } from '../../../../src/core/keys/keys.ts'
import { KeyError } from '../../../../src/errors.ts'
import type { Runtime } from '../../../../src/runtime/index.ts'
import { runtime as node } from '../../../../src/runtime/node.ts'

const A = 'first-signing-key-0123456789-abcdefgh'
const B = 'second-signing-key-9876543210-hgfedcba'
const C = 'third-signing-key-1029384756-abcdhgfe'

describe('the option', () => {
  test.each([
    ['one text', A, [A]],
    ['commas', `${A},${B}`, [A, B]],
    ['commas with blanks', ` ${A} , ${B} `, [A, B]],
    ['blanks and line ends', `${A} ${B}\n${C}\r\n`, [A, B, C]],
    ['a comma at the end', `${A},`, [A]],
    ['a list', [A, B, C], [A, B, C]],
    ['a list with an empty place', [A, '', B], [A, B]],
    ['a list of what files hold', [`${A}\n`, ` ${B}\r\n`, '\n'], [A, B]],
  ])('%s', (_, given, keys) => {
    expect(parseKeys(given)).toEqual(keys)
  })

  test.each([
    ['nothing', undefined, /no key/],
    ['an empty text', '', /no key/],
    ['blanks', ' ,\n', /no key/],
    ['an empty list', [], /no key/],
    ['a list of empty texts', ['', ''], /no key/],
    ['31 characters', A.slice(0, 31), /key 1 is shorter than 32/],
    ['a short second one', [A, 'short'], /key 2 is shorter/],
    ['the same one twice', [A, B, A], /key 3 is listed twice/],
    ['the same one twice in one text', `${A} ${A}`, /key 2 is listed twice/],
    ['one letter again and again', 'x'.repeat(64), /key 1 looks like a placeholder/],
    ['nine different letters', 'abcdefghi'.repeat(5), /placeholder/],
    ['"changeme" again and again', 'changeme'.repeat(5), /placeholder/],
    ['a key that stood in a document', 'kX3nq0lVb7Jm2rTzYw9sDf5hGcQe8uAi4oPx1vLtR6M', /placeholder/],
    ['a variable that is not set, in a list', [A, undefined as unknown as string], /key 2 is not a text/],
    ['a number', [1 as unknown as string], /key 1 is not a text/],
    ['two keys in one place of a list', [`${A},${B}`], /key 1 holds a comma/],
    ['a blank inside a key of a list', [`${A} ${B}`], /key 1 holds a comma or white space/],
  ])('refuses %s', (_, given, message) => {
    const error = (() => {
      try {
        return parseKeys(given)
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toBeInstanceOf(KeyError)
    expect(error).toMatchObject({ code: 'ERR_KEY', name: 'KeyError' })
    expect((error as KeyError).message).toMatch(message)
    // A message may be logged: it names the place of a key and never the key.
    for (const key of [given ?? ''].flat())
      if (String(key).length > 5) expect((error as KeyError).message).not.toContain(key)
  })

  test('takes 32 characters of ten kinds', () => {
    expect(parseKeys(A.slice(0, 32))).toEqual([A.slice(0, 32)])
    const ten = 'abcdefghij'.repeat(4)
    expect(parseKeys(ten)).toEqual([ten])
  })
})

describe('the ring', () => {
  test('is derived when first asked for, once, and answers at once from then on', async () => {
    let derived = 0
    const runtime: Runtime = {
      ...node,
      macKey(secret) {
        derived += 1
        return node.macKey(secret)
      },
    }
    const { ring } = makeKeys([A, B], runtime)
    expect(derived).toBe(0)
    const [one, two] = await Promise.all([ring(), ring()])
    expect(one).toBe(two)
    expect(derived).toBe(8)
    expect(ring()).toBe(one)
  })

  test('finds each key by its fingerprint, and the first is the newest', async () => {
    const ring = await makeKeys([A, B], node).ring()
    const idOf = (key: string) => createHmac('sha256', key).update('coatcheck/1/key-id').digest('base64url').slice(0, 6)
    expect(ring.newest.id).toBe(idOf(A))
    expect(ring.find(idOf(A))).toBe(ring.newest)
    expect(ring.find(idOf(B))?.id).toBe(idOf(B))
    for (const id of [idOf(C), '', '__proto__', 'constructor']) expect(ring.find(id)).toBeUndefined()
  })

  test('uses a key of its own for each purpose', async () => {
    const { newest } = await makeKeys([A], node).ring()
    const root = await node.macKey(A)
    const macs = await Promise.all([newest.tag.mac('text'), newest.successor.mac('text'), root.mac('text')])
    expect(new Set(macs).size).toBe(3)
  })

  test('is exchanged as a whole, also before it was first asked for', async () => {
    const keys = makeKeys([A], node)
    const [idA = '', idB = '', idC = ''] = await keyIds([A, B, C])
    await keys.set([B, A])
    expect((await keys.ring()).newest.id).toBe(idB)
    await keys.set([C])
    const ring = await keys.ring()
    expect([ring.newest.id, ring.find(idA), ring.find(idB)]).toEqual([idC, undefined, undefined])
  })

  test('is the one that was set last, whatever is derived last', async () => {
    const waiting: (() => void)[] = []
    const runtime: Runtime = {
      ...node,
      macKey: (secret) =>
        secret === B ? new Promise((resolve) => waiting.push(() => resolve(node.macKey(secret)))) : node.macKey(secret),
    }
    const keys = makeKeys([A], runtime)
    const first = keys.set([B])
    await keys.set([C])
    for (const go of waiting) go()
    await first
    expect((await keys.ring()).newest.id).toBe((await keyIds(C))[0])
  })

  test('that was set is kept where the one before it is derived after it', async () => {
    const waiting: (() => void)[] = []
    const runtime: Runtime = {
      ...node,
      macKey: (secret) =>
        secret === A ? new Promise((resolve) => waiting.push(() => resolve(node.macKey(secret)))) : node.macKey(secret),
    }
    const keys = makeKeys([A], runtime)
    const early = keys.ring()
    await keys.set([B])
    for (const go of waiting) go()
    expect(await early).toBe(await keys.ring())
    expect((await keys.ring()).newest.id).toBe((await keyIds(B))[0])
  })

  test('refuses two keys with one fingerprint', async () => {
    const runtime: Runtime = { ...node, macKey: () => ({ mac: () => 'always-the-same' }) }
    await expect(makeKeys([A, B], runtime).ring()).rejects.toThrow(/key 2 has the fingerprint/)
  })
})

test('the fingerprints are told in the order of the keys, and refused where the keys are', async () => {
  const [a, b] = [await keyIds(A), await keyIds(B)]
  expect(a).toEqual([expect.stringMatching(/^[\w-]{6}$/)])
  expect(await keyIds(`${B},${A}`)).toEqual([...b, ...a])
  await expect(keyIds('short')).rejects.toThrow(KeyError)
})

test('where requests may not wait for one another each derives the keys, until they are there', async () => {
  let derived = 0
  const runtime: Runtime = {
    ...node,
    mayShareAcrossRequests: () => false,
    async macKey(secret) {
      if (secret === A) derived += 1
      return await node.macKey(secret)
    },
  }
  const { ring } = makeKeys([A], runtime)
  const [first, second] = await Promise.all([ring(), ring()])
  expect([derived, first.newest.id]).toEqual([2, second.newest.id])
  expect(ring()).toBe(first)
  expect(derived).toBe(2)
})
