import { expect, test } from 'vitest'
import { Turns } from '../../../../src/stores/redis/turns.ts'

/** Work that is done when it is told to be. */
function held(log: string[], name: string) {
  const { promise, resolve } = Promise.withResolvers<string>()
  const work = async () => {
    log.push(name)
    return await promise
  }
  return { work, done: () => resolve(name) }
}

const limited = () => new AbortController().signal

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

test('one name is served in its order, another one beside it, and nothing stays behind', async () => {
  const turns = new Turns()
  const log: string[] = []
  const [a, b, other] = [held(log, 'a'), held(log, 'b'), held(log, 'other')]
  const results = [
    turns.take('ada', undefined, a.work),
    turns.take('ada', undefined, b.work),
    turns.take('eve', undefined, other.work),
  ]
  await settled()
  expect(log).toEqual(['a', 'other'])
  for (const one of [a, b, other]) one.done()
  expect(await Promise.all(results)).toEqual(['a', 'b', 'other'])
  expect([log, turns.names]).toEqual([['a', 'other', 'b'], 0])
})

test('one that fails keeps nobody waiting', async () => {
  const turns = new Turns()
  const failing = turns.take('ada', undefined, () => Promise.reject(new Error('lost')))
  expect(await turns.take('ada', undefined, async () => 'next')).toBe('next')
  await expect(failing).rejects.toThrow('lost')
  expect(turns.names).toBe(0)
})

test('who finds no turn in time, while others do, is told so and does nothing later', async () => {
  const turns = new Turns(20)
  const log: string[] = []
  const [slow, late] = [held(log, 'slow'), held(log, 'late')]
  const first = turns.take('ada', undefined, async () => 'first')
  const second = turns.take('ada', undefined, slow.work)
  // One whose caller has set no limit waits on.
  const patient = turns.take('ada', undefined, async () => log.push('patient'))
  expect(await turns.take('ada', limited(), late.work)).toBeNull()
  // One behind it has its turn all the same, after all before it.
  const behind = turns.take('ada', undefined, async () => log.push('behind'))
  slow.done()
  await Promise.all([patient, behind])
  expect([await first, await second, log, turns.names]).toEqual(['first', 'slow', ['slow', 'patient', 'behind'], 0])
})

test('where nobody is served it waits on: the engine is slow, not the queue long', async () => {
  const turns = new Turns(1)
  const slow = held([], 'slow')
  const first = turns.take('ada', undefined, slow.work)
  const second = turns.take('ada', limited(), async (isLate) => isLate())
  await new Promise((resolve) => setTimeout(resolve, 20))
  slow.done()
  expect([await first, await second]).toEqual(['slow', true])
})

test('a turn ends when its caller gives up, so that one that hangs holds up nobody; who has given up has none', async () => {
  const turns = new Turns()
  const [first, second] = [new AbortController(), new AbortController()]
  const hangs = held([], 'hangs')
  const hanging = turns.take('ada', first.signal, hangs.work)
  const log: string[] = []
  const givenUp = turns.take('ada', second.signal, async () => log.push('given up'))
  const last = turns.take('ada', undefined, async () => 'last')
  second.abort()
  await settled()
  first.abort()
  expect([await givenUp, await last, log, turns.names]).toEqual([null, 'last', [], 0])
  hangs.done()
  expect([await hanging, turns.names]).toEqual(['hangs', 0])
})
