import { keyIds } from 'coatcheck'
import { memoryStore } from 'coatcheck/stores/memory'
import { describe, expect, it, onTestFinished, test } from 'vitest'
import { accordOf, joinKeys, keysOfStore } from '../../../src/keys/agreeing.ts'

const KEYS = ['a', 'b', 'c', 'd'].map((name) => `${name}-signing-key-of-the-servers-0123456789`)
const [A = '', B = '', C = ''] = KEYS
const file = (...keys: readonly string[]) => keys.join('\n')
const idsOf = async (...keys: readonly string[]) => await keyIds(keys)

describe('two servers', () => {
  it.each([
    ['the same key', ['a'], ['a'], 'agreed'],
    ['the same keys, of which each has another one as its newest', ['a', 'b'], ['b', 'a'], 'agreed'],
    ['an old key more', ['a', 'b'], ['a'], 'agreed'],
    ['a key less, with which nobody makes tokens yet', ['a'], ['a', 'b'], 'behind'],
    ['a key less, with which others make tokens', ['a'], ['b', 'a'], 'apart'],
    ['a key more, with which this one makes tokens', ['b', 'a'], ['a'], 'apart'],
    ['other keys', ['a'], ['b'], 'apart'],
  ])('where one has %s', (_, own, others, accord) => {
    expect(accordOf(own, others)).toBe(accord)
  })
})

/** Servers of one store, and what they have told their logs. */
function servers() {
  const store = memoryStore()
  const said: string[] = []
  const log = {
    notice: (event: string, detail: string) => said.push(`${event}: ${detail}`),
    info: (text: string) => said.push(text),
  }
  const join = async (keys: string, isClaiming = false) => {
    const agreement = await joinKeys(store, { keys, keyFile: '/data/keys' }, log, isClaiming, 5)
    onTestFinished(agreement.close)
    return agreement
  }
  return { store, said, join }
}

describe('a server that starts', () => {
  test('tells its keys where nobody has, and has them beside others that have the same', async () => {
    const { store, join, said } = servers()
    expect([(await join(file(A, B))).accord(), (await join(file(A, B))).accord()]).toEqual(['agreed', 'agreed'])
    expect(await keysOfStore(store)).toEqual(await idsOf(A, B))
    expect(said).toEqual([])
  })

  test('with other keys is refused with what to do, and changes nothing', async () => {
    const { store, join } = servers()
    await join(file(A))
    const [a, b] = [await idsOf(A), await idsOf(B)]
    const refusal = await join(file(B)).catch((error: Error) => error.message)
    expect(refusal).toBe(
      `Other servers of these sessions have the keys ${a}, and /data/keys has ${b}, so that each would sign out whom the other signs in: copy the key file of a server that works, or, where there is none, run coatcheck keys claim.`,
    )
    expect(await keysOfStore(store)).toEqual(a)
    await expect(join(file(A, B))).resolves.toMatchObject({})
  })

  test('without the key that others make tokens with is refused; without one that nobody does yet it says so', async () => {
    const { join, said } = servers()
    await join(file(A, B))
    await expect(join(file(B))).rejects.toThrow(/Other servers/)
    expect((await join(file(A))).accord()).toBe('behind')
    expect(said).toEqual([
      expect.stringMatching(/^keys-behind: .* lacks .*, with which other servers will sign people in: copy/),
    ])
  })

  test('with a new newest key that was put in while none ran tells it, and with an old one more does not', async () => {
    const { store, join } = servers()
    await join(file(A))
    await join(file(B, A))
    expect(await keysOfStore(store)).toEqual(await idsOf(B, A))
    await join(file(B, A, C))
    expect(await keysOfStore(store)).toEqual(await idsOf(B, A))
  })

  test('at the same time as others has one mark with them', async () => {
    const { store, join } = servers()
    const starts = await Promise.allSettled([A, B, A, B].map((key) => join(file(key))))
    const [first] = (await keysOfStore(store)) ?? []
    const winner = first === (await idsOf(A))[0] ? 0 : 1
    expect(starts.map(({ status }) => status === 'fulfilled')).toEqual([0, 1, 0, 1].map((one) => one === winner))
  })
})

describe('while keys change', () => {
  test('a rotation on one is followed by the mark; the other says so before it signs anybody out, until it has them', async () => {
    const { store, join, said } = servers()
    const [here, there] = [await join(file(A)), await join(file(A))]
    await here.follow(file(A, B))
    expect(await keysOfStore(store)).toEqual(await idsOf(A, B))
    await expect.poll(there.accord).toBe('behind')
    await here.follow(file(B, A))
    await expect.poll(there.accord).toBe('apart')
    await there.follow(file(B, A))
    expect([here.accord(), there.accord()]).toEqual(['agreed', 'agreed'])
    expect(said.at(-1)).toBe('The keys are those of the other servers again.')
    expect(said.some((line) => /^keys-apart: .* lacks .*, with which other servers sign people in/.test(line))).toBe(
      true,
    )
    await here.follow(file(B))
    expect(await keysOfStore(store)).toEqual(await idsOf(B))
    expect([here.accord(), there.accord()]).toEqual(['agreed', 'agreed'])
  })

  test('a key that is taken away where another server makes tokens with it makes that one say so', async () => {
    const { join, said } = servers()
    const [here, there] = [await join(file(A, B)), await join(file(B, A))]
    await here.follow(file(A))
    await expect.poll(there.accord).toBe('apart')
    expect(said.at(-1)).toMatch(/^keys-apart: other servers lack .*, with which this one signs people in/)
  })

  test('a change where others changed before is no new mark, and says so', async () => {
    const { store, join } = servers()
    const [here, there] = [await join(file(A)), await join(file(A))]
    await here.follow(file(B, A))
    await there.follow(file(C, A))
    expect(there.accord()).toBe('apart')
    expect(await keysOfStore(store)).toEqual(await idsOf(B, A))
  })

  test('what is seen once is not told: its own file may not have been looked into', async () => {
    const { store, join, said } = servers()
    const here = await join(file(A))
    const [text] = await idsOf(A)
    let looks = 0
    const { mark } = store
    store.mark = async (...args) => (looks++ === 0 ? `${text} another` : mark(...args))
    await expect.poll(() => looks).toBeGreaterThan(3)
    expect([said, here.accord()]).toEqual([[], 'agreed'])
  })
})

describe('where the store has lost the mark', () => {
  /** As of a Redis that was emptied. */
  async function lose({ mark, setMark }: ReturnType<typeof memoryStore>, among: string): Promise<void> {
    const text = await mark(among, Date.now())
    await setMark(among, { text: '', ifText: text, at: Date.now(), until: Date.now() })
  }

  test('a server that runs tells it again as it was, so that newcomers with other keys are refused', async () => {
    const { store, join, said } = servers()
    await join(file(A, B))
    const behind = await join(file(A))
    await lose(store, 'coatcheck.keys')
    await expect.poll(() => keysOfStore(store)).toEqual(await idsOf(A, B))
    expect(behind.accord()).toBe('behind')
    expect(said).toContainEqual(
      expect.stringMatching(/^The store of the sessions had lost which keys the servers have/),
    )
    await expect(join(file(C))).rejects.toThrow(/Other servers/)
  })

  test('one that is apart from the others leaves it to them', async () => {
    const { store, join } = servers()
    const [here, there] = [await join(file(A)), await join(file(A))]
    await here.follow(file(B))
    await expect.poll(there.accord).toBe('apart')
    await here.close()
    await lose(store, 'coatcheck.keys')
    let looks = 0
    const { mark } = store
    store.mark = async (...args) => {
      looks++
      return await mark(...args)
    }
    await expect.poll(() => looks).toBeGreaterThan(3)
    expect(await keysOfStore(store)).toBeNull()
  })
})

test('claimed keys are those of all, whatever the others have', async () => {
  const { store, join } = servers()
  const here = await join(file(A))
  await expect(join(file(B))).rejects.toThrow(/coatcheck keys claim/)
  const there = await join(file(B), true)
  expect(await keysOfStore(store)).toEqual(await idsOf(A))
  await there.claim()
  expect(await keysOfStore(store)).toEqual(await idsOf(B))
  await expect.poll(here.accord).toBe('apart')
})
