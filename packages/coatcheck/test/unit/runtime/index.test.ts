import { createHash, createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Runtime } from '../../../src/runtime/index.ts'
import { runtime as node } from '../../../src/runtime/node.ts'
import { runtime as web } from '../../../src/runtime/web.ts'

const runtimes: readonly (readonly [string, Runtime])[] = [
  ['node', node],
  ['web', web],
]
const hmac = (secret: string, text: string) => createHmac('sha256', secret).update(text, 'utf8').digest('base64url')
const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.string({ maxLength: 400 }))
/** Lone surrogates included. */
const anyUnits = fc.array(fc.nat(0xffff), { maxLength: 200 }).map((units) => String.fromCharCode(...units))

afterEach(() => vi.restoreAllMocks())

describe.each(runtimes)('the %s runtime', (_, runtime) => {
  test('hashes as SHA-256', async () => {
    expect(await runtime.sha256('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyText, anyUnits), async (text) => {
        expect(await runtime.sha256(text)).toBe(createHash('sha256').update(text, 'utf8').digest('base64url'))
      }),
      { seed: 1, numRuns: 200 },
    )
  })

  test.each([1, 31, 32, 63, 64, 65, 127, 128, 200])(
    'makes the MAC of RFC 2104 with a key of %i bytes',
    async (length) => {
      const secret = 'k1-_'.repeat(50).slice(0, length)
      const key = await runtime.macKey(secret)
      for (const text of ['', 'a', 'coatcheck/1/tag', 'x'.repeat(1_000), 'Ω漢🎩\0', '\ud800']) {
        expect(await key.mac(text)).toBe(hmac(secret, text))
      }
    },
  )

  test('and with a key that is not ASCII, whose bytes are counted, not its characters', async () => {
    for (const secret of ['ключ'.repeat(8), 'é'.repeat(32), 'é'.repeat(33), '🎩'.repeat(16), '🎩'.repeat(17)]) {
      expect(await (await runtime.macKey(secret)).mac('text')).toBe(hmac(secret, 'text'))
    }
  })

  test('a key makes many MACs of any lengths in any order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 1, maxLength: 100 }),
        fc.array(fc.oneof(anyText, anyUnits), { minLength: 2, maxLength: 8 }),
        async (secret, texts) => {
          const key = await runtime.macKey(secret)
          for (const text of texts) expect(await key.mac(text)).toBe(hmac(secret, text))
        },
      ),
      { seed: 2, numRuns: 200 },
    )
  })

  // Three bytes a character and one byte a character: both are 300 bytes, and each makes the buffer grow.
  test('texts of one length in bytes and two in characters are two texts', async () => {
    const key = await runtime.macKey('a key')
    const texts = ['漢'.repeat(100), 'x'.repeat(300), '漢'.repeat(100), 'é'.repeat(150)]
    for (const text of texts) expect(await key.mac(text)).toBe(hmac('a key', text))
  })

  test('two keys do not disturb each other', async () => {
    const [one, two] = await Promise.all([runtime.macKey('one'), runtime.macKey('two')])
    for (const text of ['a', 'b'.repeat(500), 'c']) {
      const both = await Promise.all([one.mac(text), two.mac(text)])
      expect(both).toEqual([hmac('one', text), hmac('two', text)])
    }
  })

  test('randomness is base64url of the asked length', () => {
    for (const bytes of [0, 1, 2, 3, 16, 32, 33, 100, 8_191, 8_192]) {
      const text = runtime.random(bytes)
      expect(text).toMatch(/^[A-Za-z0-9_-]*$/)
      expect(text).toHaveLength(Math.ceil((bytes * 8) / 6))
      expect(Buffer.from(text, 'base64url')).toHaveLength(bytes)
    }
  })

  test('no two of 100,000 are equal, and each character of the alphabet occurs about as often', () => {
    const texts = new Set<string>()
    const counts = new Map<string, number>()
    for (let i = 0; i < 100_000; i++) texts.add(runtime.random(16))
    expect(texts.size).toBe(100_000)
    for (const text of texts) counts.set(text.charAt(0), (counts.get(text.charAt(0)) ?? 0) + 1)
    expect(counts.size).toBe(64)
    // 1562 are expected of each; 8 standard deviations away would be a fault and not chance.
    for (const count of counts.values()) expect(Math.abs(count - 1_562.5)).toBeLessThan(8 * 39.3)
  })

  test('odd sizes at the border of a pool neither repeat nor run short', () => {
    const seen = new Set<string>()
    for (let i = 0; i < 3_000; i++) {
      const text = runtime.random(13 + (i % 7))
      expect(text).not.toMatch(/AAAAAAAAAAAA/)
      seen.add(text)
    }
    expect(seen.size).toBe(3_000)
  })

  test('equal: looks at each character of both, wherever they differ', () => {
    const looks: string[] = []
    const watched = (name: string, text: string) => {
      const charCodeAt = (at: number) => {
        looks.push(`${name}${at}`)
        return text.charCodeAt(at)
      }
      return { length: text.length, charCodeAt } as unknown as string
    }
    for (const other of ['abcd', 'xbcd', 'abcx', 'xxxx']) {
      looks.length = 0
      runtime.equal(watched('a', 'abcd'), watched('b', other))
      expect(looks.toSorted(), other).toEqual(['a0', 'a1', 'a2', 'a3', 'b0', 'b1', 'b2', 'b3'])
    }
  })

  test('equal: the same text and no other', async () => {
    expect(runtime.equal('', '')).toBe(true)
    expect(runtime.equal('abc', 'abc')).toBe(true)
    for (const other of ['', 'ab', 'abd', 'xbc', 'axc', 'abcd', 'ABC']) expect(runtime.equal('abc', other)).toBe(false)
    await fc.assert(
      fc.property(anyUnits, anyUnits, (a, b) => {
        expect(runtime.equal(a, a)).toBe(true)
        expect(runtime.equal(a, b)).toBe(a === b)
      }),
      { seed: 3, numRuns: 300 },
    )
  })

  test('differences do not cancel each other out', () => {
    expect(runtime.equal('ab', 'ba')).toBe(false)
    expect(runtime.equal('aa', 'bb')).toBe(false)
  })

  test('the time is that of the platform', () => {
    const before = Date.now()
    const now = runtime.now()
    expect(now).toBeGreaterThanOrEqual(before)
    expect(now).toBeLessThanOrEqual(Date.now())
  })

  test('a timer calls its task once', async () => {
    let calls = 0
    await new Promise<void>((resolve) => {
      runtime.after(1, () => {
        calls += 1
        resolve()
      })
    })
    await sleep(10)
    expect(calls).toBe(1)
  })

  test('and not when it was cancelled, twice too', async () => {
    let calls = 0
    const cancel = runtime.after(1, () => {
      calls += 1
    })
    cancel()
    cancel()
    await sleep(20)
    expect(calls).toBe(0)
  })

  test.each([
    [false, false],
    [true, true],
  ])('held: %s means that it keeps the process alive: %s', (hold, alive) => {
    const timers: NodeJS.Timeout[] = []
    const real = globalThis.setTimeout
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((task: () => void, ms: number) => {
      const timer = real(task, ms)
      timers.push(timer)
      return timer
    }) as typeof setTimeout)
    const cancel = runtime.after(10_000, () => undefined, hold)
    expect(timers.map((timer) => timer.hasRef())).toEqual([alive])
    cancel()
  })
})

test('node refuses more randomness at a time than its pool holds', () => {
  expect(() => node.random(8_193)).toThrow(RangeError)
})

test('what node gave out is not in its pool any more', () => {
  const fill = vi.spyOn(Buffer.prototype, 'fill')
  node.random(32)
  expect(fill.mock.calls.some(([value, from, to]) => value === 0 && Number(to) - Number(from) === 32)).toBe(true)
})

test('node warns by the process, the web by the console', async () => {
  const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const printed = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  node.warn('one')
  web.warn('two')
  expect(emitted.mock.calls).toEqual([['one', 'CoatcheckWarning']])
  expect(printed.mock.calls).toEqual([['two']])
})

describe('whether requests may share what they began', () => {
  test.each([
    ['Cloudflare-Workers', false],
    ['Deno/2.5.0', true],
    ['Bun/1.3.0', true],
    [undefined, true],
  ])('on %s', (userAgent, expected) => {
    vi.stubGlobal('navigator', userAgent === undefined ? undefined : { userAgent })
    expect(web.mayShareAcrossRequests()).toBe(expected)
    vi.unstubAllGlobals()
    expect(node.mayShareAcrossRequests()).toBe(true)
  })
})
