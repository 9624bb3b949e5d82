import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { createSessions } from '../../../../src/index.ts'
import { sqliteStore } from '../../../../src/stores/sqlite.ts'
import { manualClock } from '../../../../src/testing/index.ts'
import { freshFile } from '../../stores/folder.ts'
import { KEY } from '../app.ts'

const USER = 'ada@person.example'

async function application() {
  const file = freshFile()
  const clock = manualClock()
  const store = sqliteStore(file)
  const sessions = createSessions({
    store,
    keys: KEY,
    policy: { rememberMe: { absolute: '60d' } },
    runtime: { now: clock.now },
  })
  await store.stats()
  const look = new DatabaseSync(file, { readOnly: true })
  onTestFinished(async () => {
    look.close()
    await sessions.close()
  })
  const tables = look.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'coatcheck%'").all()
  /** Rows of all tables that have the user's id in them. */
  const rowsOfUser = () =>
    tables
      .flatMap(({ name }) => look.prepare(`SELECT * FROM ${name}`).all())
      .filter((row) => Object.values(row).includes(USER))
  const signIn = async () => {
    const session = await sessions.open(new Request('https://app.example/'))
    await session.signIn(await sessions.begin(USER))
    await sessions.commit(session, new Response())
  }
  return { clock, store, sessions, rowsOfUser, signIn }
}

test('a user is forgotten when nothing can live any more that the store would have to refuse', async () => {
  const { clock, sessions, rowsOfUser, signIn } = await application()
  await signIn()
  expect(await sessions.forgetUser(USER)).toBe(1)
  clock.advance('24h')
  await sessions.sweep()
  // The ended record and the entry of the log have gone; the numbers outlive a session that is remembered.
  expect(rowsOfUser()).toHaveLength(1)
  clock.advance('1415h')
  await sessions.sweep()
  expect(rowsOfUser()).toHaveLength(1)
  clock.advance('1h')
  await sessions.sweep()
  expect(rowsOfUser()).toEqual([])
})

test('whatever raised the numbers of a user, they go in time', async () => {
  const { clock, sessions, rowsOfUser, signIn } = await application()
  await signIn()
  await sessions.updateUser(USER, { set: { role: 'admin' } })
  await sessions.revokeUser(USER)
  clock.advance('61d')
  await sessions.sweep()
  expect(rowsOfUser()).toEqual([])
})

test('a number of before the row was removed is refused after the next ending', async () => {
  const { clock, store, sessions } = await application()
  await sessions.revokeUser(USER)
  const before = await store.userEpoch(USER)
  clock.advance('61d')
  await sessions.sweep()
  expect(await store.userEpoch(USER)).toEqual({ epoch: 0, endEpoch: 0 })
  await sessions.revokeUser(USER)
  const after = await store.userEpoch(USER)
  expect([after.epoch > before.epoch, after.endEpoch > before.endEpoch]).toEqual([true, true])
})

test('an attempt to sign in is void after 30 days, to the millisecond, also where no number has moved', async () => {
  for (const [days, ok] of [
    ['29d', true],
    ['30d', false],
  ] as const) {
    const { clock, sessions } = await application()
    const attempt = await sessions.begin(USER)
    clock.advance(days)
    if (ok) clock.advance(86_400_000 - 1)
    const session = await sessions.open(new Request('https://app.example/'))
    const signing = session.signIn(attempt)
    if (ok) await expect(signing).resolves.toBeUndefined()
    else await expect(signing).rejects.toMatchObject({ code: 'ERR_USER_CHANGED' })
  }
})
