import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { makeAccounts } from '../../../src/accounts/accounts.ts'
import { openDatabase } from '../../../src/accounts/database.ts'
import { migrate } from '../../../src/accounts/migrations.ts'
import { dataFile, tables } from './tables.ts'

const alice = { name: 'Alice', passwordHash: 'hash', role: 'user' }

it('an account is found by its name however it is typed, and by its address once that is verified', async () => {
  const accounts = makeAccounts(await tables())
  const { id } = (await accounts.create(alice)) ?? { id: '' }
  expect((await accounts.find(' ALICE'))?.id).toBe(id)
  const address = 'Alice@Example.org'
  expect(await accounts.change(id, { email: { address, isVerified: false } })).toBe(true)
  expect(await accounts.find('alice@example.org')).toBeNull()
  await accounts.change(id, { email: { address, isVerified: true } })
  expect(await accounts.find('alice@example.org')).toMatchObject({ id, email: { address, isVerified: true } })
})

it('an address that is verified is one account’s; until then anybody may have written it', async () => {
  const accounts = makeAccounts(await tables())
  const [one, other] = [await accounts.create(alice), await accounts.create({ ...alice, name: 'Bob' })]
  const email = { address: 'a@example.org', isVerified: false }
  expect(await accounts.change(one?.id ?? '', { email })).toBe(true)
  expect(await accounts.change(other?.id ?? '', { email: { ...email, isVerified: true } })).toBe(true)
  expect(await accounts.change(one?.id ?? '', { email: { address: 'A@example.org', isVerified: true } })).toBe(false)
  expect(await accounts.create({ ...alice, name: 'Carol', verifiedEmail: 'a@example.org' })).toBeNull()
})

it('changes of one thing leave the others, and a change of the password is dated', async () => {
  const clock = { now: 5 }
  const accounts = makeAccounts(await tables(), () => clock.now)
  const made = await accounts.create(alice)
  const id = made?.id ?? ''
  clock.now = 9
  await accounts.change(id, { role: 'admin', theme: 'dark' })
  await accounts.change(id, { isDisabled: true, language: 'de' })
  await accounts.change(id, { passwordHash: 'other' })
  expect(await accounts.read(id)).toEqual({
    ...made,
    role: 'admin',
    theme: 'dark',
    language: 'de',
    disabledAt: 9,
    passwordHash: 'other',
    passwordChangedAt: 9,
  })
  expect([await accounts.hasAdministrator(), await accounts.change('nobody', { role: 'admin' })]).toEqual([true, false])
  await accounts.remove(id)
  expect([await accounts.read(id), await accounts.hasAdministrator()]).toEqual([null, false])
})

it('of two who become the first administrator at once one does', async () => {
  const accounts = makeAccounts(await tables())
  const made = await Promise.all(['a', 'b', 'c'].map((name) => accounts.create({ ...alice, name })))
  const first = await Promise.all(made.map((account) => accounts.makeFirstAdministrator(account?.id ?? '')))
  expect(first.filter(Boolean)).toHaveLength(1)
  expect(await accounts.makeFirstAdministrator(made[2]?.id ?? '')).toBe(false)
})

it('accounts of the first version are kept: with the ordinary role, and their password as old as they are', async () => {
  const path = dataFile()
  const old = new DatabaseSync(path)
  old.exec(`
    CREATE TABLE accounts_schema (version INTEGER NOT NULL); INSERT INTO accounts_schema VALUES (1);
    CREATE TABLE accounts (id text primary key not null, name text not null, name_key text not null unique,
      password_hash text not null, created_at integer not null);
    INSERT INTO accounts VALUES ('a1', 'Alice', 'alice', 'hash', 7)`)
  old.close()
  const db = await openDatabase(path)
  await migrate(db)
  expect(await makeAccounts(db).find('alice')).toMatchObject({
    id: 'a1',
    role: 'user',
    email: null,
    disabledAt: null,
    createdAt: 7,
    passwordChangedAt: 7,
  })
  await db.destroy()
})

it('a hash is replaced where it is still the one that was checked; its age changes with the password alone', async () => {
  const clock = { now: 1_000 }
  const accounts = makeAccounts(await tables(), () => clock.now)
  const { id } = (await accounts.create(alice)) ?? { id: '' }
  clock.now = 2_000
  expect(await accounts.replaceHash(id, 'hash', 'stronger', 'rehashed')).toBe(true)
  expect(await accounts.read(id)).toMatchObject({ passwordHash: 'stronger', passwordChangedAt: 1_000 })
  expect(await accounts.replaceHash(id, 'hash', 'late', 'changed')).toBe(false)
  expect(await accounts.replaceHash('nobody', 'stronger', 'late', 'changed')).toBe(false)
  expect(await accounts.replaceHash(id, 'stronger', 'new', 'changed')).toBe(true)
  expect(await accounts.read(id)).toMatchObject({ passwordHash: 'new', passwordChangedAt: 2_000 })
})
