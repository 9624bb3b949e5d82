import { expect, test } from 'vitest'
import { makeSerial } from '../../../../src/core/base/keyed-mutex.ts'
import { runtime } from '../../../../src/runtime/node.ts'

/** A task that says when it began and stands still until it is let go. */
function aTask(log: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const run = () => {
    log.push(name)
    return promise
  }
  return { run, finish: () => resolve(name), fail: () => reject(new Error(name)) }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('tasks of one key run one after the other, in the order of arrival', async () => {
  const serial = makeSerial(runtime, 60_000)
  const begun: string[] = []
  const tasks = ['a', 'b', 'c'].map((name) => aTask(begun, name))
  const results = tasks.map((task) => serial.run('key', task.run))
  await turn()
  expect(begun).toEqual(['a'])
  tasks[0]?.finish()
  await turn()
  expect(begun).toEqual(['a', 'b'])
  tasks[2]?.finish()
  await turn()
  expect(begun).toEqual(['a', 'b'])
  tasks[1]?.finish()
  expect(await Promise.all(results)).toEqual(['a', 'b', 'c'])
})

test('a task that comes while the second one runs waits for that', async () => {
  const serial = makeSerial(runtime, 60_000)
  const begun: string[] = []
  const [first, second, third] = [aTask(begun, 'a'), aTask(begun, 'b'), aTask(begun, 'c')]
  const results = [serial.run('key', first.run), serial.run('key', second.run)]
  first.finish()
  await turn()
  results.push(serial.run('key', third.run))
  await turn()
  expect(begun).toEqual(['a', 'b'])
  second.finish()
  third.finish()
  expect(await Promise.all(results)).toEqual(['a', 'b', 'c'])
})

test('tasks of different keys run at once', () => {
  const serial = makeSerial(runtime, 60_000)
  const begun: string[] = []
  const running = ['a', 'b'].map((name) => serial.run(name, aTask(begun, name).run))
  expect(begun).toEqual(['a', 'b'])
  expect(running).toHaveLength(2)
})

test('a task that fails fails alone, and the next one runs', async () => {
  const serial = makeSerial(runtime, 60_000)
  const begun: string[] = []
  const [first, second] = [aTask(begun, 'a'), aTask(begun, 'b')]
  const results = Promise.allSettled([serial.run('key', first.run), serial.run('key', second.run)])
  first.fail()
  second.finish()
  expect(await results).toMatchObject([
    { status: 'rejected', reason: { message: 'a' } },
    { status: 'fulfilled', value: 'b' },
  ])
})

test('a key whose tasks are done begins at once again', async () => {
  const serial = makeSerial(runtime, 60_000)
  const begun: string[] = []
  const first = aTask(begun, 'a')
  const running = serial.run('key', first.run)
  first.finish()
  await running
  await turn()
  const second = aTask(begun, 'b')
  const next = serial.run('key', second.run)
  expect(begun).toEqual(['a', 'b'])
  second.finish()
  expect(await next).toBe('b')
})

test('a task behind one that does not end is refused when its patience is over, and the next one goes on', async () => {
  const late: (() => void)[] = []
  const after = (_: number, expire: () => void) => {
    late.push(expire)
    return () => undefined
  }
  const serial = makeSerial({ ...runtime, after }, 1_000)
  const begun: string[] = []
  const [stuck, second, third] = [aTask(begun, 'a'), aTask(begun, 'b'), aTask(begun, 'c')]
  const first = serial.run('id\nkey', stuck.run)
  const refused = serial.run('id\nkey', second.run).catch((error: unknown) => error)
  await turn()
  for (const expire of late.splice(0)) expire()
  expect(await refused).toMatchObject({ code: 'ERR_CONTENTION', key: 'key' })
  const next = serial.run('id\nkey', third.run)
  third.finish()
  expect(await next).toBe('c')
  expect(begun).toEqual(['a', 'c'])
  stuck.finish()
  expect(await first).toBe('a')
})

test('where requests may not wait for one another each task runs at once', async () => {
  const serial = makeSerial({ ...runtime, mayShareAcrossRequests: () => false }, 60_000)
  const begun: string[] = []
  const tasks = ['a', 'b'].map((name) => aTask(begun, name))
  const results = tasks.map((task) => serial.run('key', task.run))
  expect(begun).toEqual(['a', 'b'])
  for (const task of tasks) task.finish()
  expect(await Promise.all(results)).toEqual(['a', 'b'])
})
