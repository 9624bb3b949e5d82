import { expect, test } from 'vitest'
import { makeKeys } from '../../../../src/stores/redis/keys.ts'
import { ChangeLog, endLogged } from '../../../../src/stores/redis/log.ts'

function setUp() {
  const runs: unknown[] = []
  const run = async (name: string, _: unknown, args: readonly string[]) => {
    runs.push([name, args.length])
    return []
  }
  const none = () => Promise.reject(new Error('nothing is sent'))
  const engine = { send: none, masters: none } as unknown as ConstructorParameters<typeof ChangeLog>[0]
  return { runs, log: new ChangeLog(engine, { run, runOn: none }, makeKeys('default')) }
}

test('notes are sent together, and where there is none nothing is sent', async () => {
  const { log, runs } = setUp()
  const note = { scope: 'session', subject: 'a', at: 1, reason: 'revoked', count: 1, keepUntil: 2 } as const
  await log.note([])
  expect(runs).toEqual([])
  await log.note([note, { ...note, subject: 'b' }])
  expect(runs).toEqual([['note', 6]])
})

test.each([
  [[], 1],
  [[199], 1],
  [[200], 1],
  [[100, 100], 1],
  [[200, 1], 2],
  [[200, 200, 200], 2],
  [[199, 2], 1],
])(
  'an ending of %j is logged after the first 200, and after the last where more have followed',
  async (parts, times) => {
    const { log, runs } = setUp()
    const entry = {
      kind: 'ended',
      scope: 'all',
      subject: null,
      at: 1,
      reason: 'revoked',
      count: 1,
      keepUntil: 2,
    } as const
    const result = await endLogged(log, entry, async (ended) => {
      for (const count of parts) await ended(count)
      return 'done'
    })
    expect([result, runs]).toEqual(['done', Array.from({ length: times }, () => ['append', 3])])
  },
)

test('an ending that fails is logged all the same, for what was done before', async () => {
  const { log, runs } = setUp()
  const entry = {
    kind: 'ended',
    scope: 'all',
    subject: null,
    at: 1,
    reason: 'revoked',
    count: 1,
    keepUntil: 2,
  } as const
  const failing = endLogged(log, entry, () => Promise.reject(new Error('lost')))
  await expect(failing).rejects.toThrow('lost')
  expect(runs).toEqual([['append', 3]])
})
