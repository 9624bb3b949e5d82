import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { keyIds } from 'coatcheck'
import { expect, test } from 'vitest'
import { openDatabase } from '../../../src/accounts/database.ts'
import { migrate } from '../../../src/accounts/migrations.ts'
import { type KeyKeeper, makeKeyKeeper } from '../../../src/keys/keeping.ts'
import { keysOf } from '../../../src/keys/key-file.ts'
import { dataFile } from '../accounts/tables.ts'

const HOUR = 3_600_000
const OLD = 'a-signing-key-of-the-server-0123456789ab'

/** Keepers of one key file, each with a connection of its own, at a time that is moved by hand. */
async function keepers(count = 1) {
  const database = dataFile()
  const keyFile = join(dirname(database), 'keys')
  writeFileSync(keyFile, `${OLD}\n`, { mode: 0o600 })
  const clock = { now: 1_000_000 }
  const all: KeyKeeper[] = []
  for (let i = 0; i < count; i++) {
    const db = await openDatabase(database)
    await migrate(db)
    all.push(makeKeyKeeper(db, keyFile, 12 * HOUR, () => clock.now))
  }
  const [keeper] = all
  if (keeper === undefined) throw new Error('none')
  const [first = ''] = await keyIds(OLD)
  const file = () => keysOf(readFileSync(keyFile, 'utf8'))
  return { keeper, all, clock, first, file, keyFile }
}

test('a key is added in second place, promoted when it is known everywhere, and the one before it retired when it is free', async () => {
  const { keeper, clock, first, file, keyFile } = await keepers()
  const { id } = await keeper.add()
  expect(await keyIds(file())).toEqual([first, id])
  expect(file()[0]).toBe(OLD)
  expect(statSync(keyFile).mode & 0o777).toBe(0o600)
  expect(await keeper.promote(id)).toEqual({ outcome: 'too-new', readyAt: clock.now + 5_000 })
  clock.now += 4_999
  expect(await keeper.promote(id)).toMatchObject({ outcome: 'too-new' })
  expect(await keeper.retire(first)).toMatchObject({ outcome: 'in-use', key: { state: 'newest' } })
  clock.now += 1
  expect(await keeper.promote(id)).toEqual({ outcome: 'promoted' })
  expect(await keeper.promote(id)).toEqual({ outcome: 'already' })
  expect(await keyIds(file())).toEqual([id, first])
  const demotedAt = clock.now
  expect(await keeper.list()).toMatchObject([
    { id, state: 'newest', newestAt: demotedAt, lastUsedAt: null, neededUntil: null },
    { id: first, state: 'needed', newestAt: null, lastUsedAt: demotedAt, neededUntil: demotedAt + 12 * HOUR },
  ])
  clock.now += 11 * HOUR
  await keeper.used(first)
  clock.now += 11 * HOUR
  expect(await keeper.retire(first)).toMatchObject({
    outcome: 'in-use',
    key: { id: first, lastUsedAt: demotedAt + 11 * HOUR },
  })
  clock.now += HOUR - 1
  expect(await keeper.retire(first)).toMatchObject({ outcome: 'in-use' })
  clock.now += 1
  expect(await keeper.retire(first)).toEqual({ outcome: 'retired' })
  expect(await keyIds(file())).toEqual([id])
  expect(await keeper.retire(id)).toEqual({ outcome: 'only' })
  expect(await keeper.retire(id, 'by force')).toEqual({ outcome: 'only' })
  expect(await keeper.retire(first)).toEqual({ outcome: 'missing' })
  expect(await keeper.promote(first)).toEqual({ outcome: 'missing' })
})

test('one that was never used can go at once, and one in use by force', async () => {
  const { keeper, clock, first, file } = await keepers()
  const { id } = await keeper.add()
  expect(await keeper.retire(id)).toEqual({ outcome: 'retired' })
  const { id: other } = await keeper.add()
  clock.now += 5_000
  await keeper.promote(other)
  expect(await keeper.retire(first, 'by force')).toEqual({ outcome: 'retired' })
  expect(await keyIds(file())).toEqual([other])
})

test('keys that were written into the file by hand may have been in use until then', async () => {
  const { keeper, clock, first, keyFile } = await keepers()
  await keeper.list()
  const byHand = 'a-key-that-somebody-has-written-0123456789'
  writeFileSync(keyFile, `${byHand},${OLD}`)
  clock.now += HOUR
  const [id] = await keyIds(byHand)
  expect(await keeper.list()).toMatchObject([
    { id, state: 'newest' },
    { id: first, state: 'needed', lastUsedAt: clock.now },
  ])
})

test('a server that takes a change up late says until when it made tokens with the key before', async () => {
  const { keeper, clock, first, file } = await keepers()
  const { id } = await keeper.add()
  clock.now += 5_000
  await keeper.promote(id)
  clock.now += 2_000
  await keeper.takenUp(file().join('\n'), first)
  expect((await keeper.list())[1]).toMatchObject({ id: first, lastUsedAt: clock.now })
  const last = clock.now
  clock.now -= 1_000
  await keeper.used(first)
  expect((await keeper.list())[1]).toMatchObject({ lastUsedAt: last })
})

test('many at once take turns: no key is lost, and nothing is left lying about', async () => {
  const { all, clock, first, file, keyFile } = await keepers(4)
  const added = await Promise.all(all.flatMap((keeper) => [keeper.add(), keeper.add(), keeper.add()]))
  expect(new Set(await keyIds(file()))).toEqual(new Set([first, ...added.map(({ id }) => id)]))
  clock.now += 5_000
  await Promise.all(all.map((keeper, i) => keeper.promote(added[i]?.id ?? '')))
  expect(file()).toHaveLength(13)
  await Promise.all(added.slice(4).map(({ id }, i) => all[i % 4]?.retire(id)))
  expect(file()).toHaveLength(5)
  expect(readdirSync(dirname(keyFile)).filter((name) => name.startsWith('keys'))).toEqual(['keys'])
})

test('a key file that cannot be used is left as it is', async () => {
  const { keeper, keyFile } = await keepers()
  writeFileSync(keyFile, 'hunter2')
  await expect(keeper.add()).rejects.toThrow('key 1 is shorter than 32 characters')
  expect(readFileSync(keyFile, 'utf8')).toBe('hunter2')
})
