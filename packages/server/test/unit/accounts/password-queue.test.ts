import { describe, expect, it } from 'vitest'
import { BusyError, makePasswordQueue } from '../../../src/accounts/password-queue.ts'

/** A queue of tasks that are done when the test says so, and in which order they began. */
function aQueue(places: number, longest: number) {
  const queue = makePasswordQueue(places, longest)
  const begun: string[] = []
  const under: (() => void)[] = []
  const outcomes = new Map<string, string>()
  const add = async (by: string, times = 1) => {
    for (let i = 0; i < times; i++) {
      const name = `${by}${i}`
      const task = async () => {
        begun.push(by)
        await new Promise<void>((resolve) => under.push(resolve))
      }
      queue(by, task).then(
        () => outcomes.set(name, 'done'),
        (error: unknown) => outcomes.set(name, error instanceof BusyError ? 'busy' : 'failed'),
      )
    }
    await settled()
  }
  const settled = async () => {
    for (let i = 0; i < 9; i++) await Promise.resolve()
  }
  const finish = async (times = 1) => {
    for (let i = 0; i < times; i++) {
      under.shift()?.()
      await settled()
    }
  }
  const count = (outcome: string) => [...outcomes.values()].filter((one) => one === outcome).length
  return { queue, add, finish, begun, outcomes, count }
}

describe('the queue of passwords', () => {
  it('runs so many at once, and gives a free place to each in turn', async () => {
    const { add, finish, begun } = aQueue(2, 64)
    await add('a', 5)
    await add('b', 2)
    await add('c', 1)
    expect(begun).toEqual(['a', 'a'])
    await finish(6)
    expect(begun).toEqual(['a', 'a', 'a', 'b', 'c', 'a', 'b', 'a'])
  })

  it('lets who comes last wait for one task of each other, however many those have', async () => {
    const { add, finish, begun } = aQueue(1, 64)
    await add('a', 60)
    await finish(3)
    await add('owner')
    await finish(2)
    expect(begun.slice(4)).toContain('owner')
  })

  it('that is full refuses who has the most there, and takes who has fewer', async () => {
    const { add, begun, finish, outcomes, count } = aQueue(1, 4)
    await add('a', 9)
    expect(count('busy')).toBe(4)
    await add('owner')
    expect(outcomes.get('owner0')).toBeUndefined()
    expect(count('busy')).toBe(5)
    await finish(6)
    expect(begun).toEqual(['a', 'a', 'owner', 'a', 'a'])
    expect(outcomes.get('owner0')).toBe('done')
  })

  it('that is full of one task each refuses the next one', async () => {
    const { add, outcomes } = aQueue(1, 3)
    for (const by of ['a', 'b', 'c', 'd', 'e']) await add(by)
    expect([...outcomes]).toEqual([['e0', 'busy']])
  })

  it('goes on after a task that fails, and is empty when all is done', async () => {
    const { queue, add, finish, begun } = aQueue(1, 1)
    await expect(queue('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    await add('b', 2)
    await finish(2)
    await add('c')
    expect(begun).toEqual(['b', 'b', 'c'])
  })
})
