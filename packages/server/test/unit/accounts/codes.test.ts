import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { makeCodes } from '../../../src/accounts/codes.ts'
import { tables } from './tables.ts'

async function aTable() {
  const db = await tables()
  const clock = { now: 1_000_000 }
  return { db, clock, codes: makeCodes(db, () => clock.now) }
}
const facts = { accountId: 'a1', subject: 'alice@example.org' }

it('a code is used once, for its own purpose, and tells what it is about', async () => {
  const { codes } = await aTable()
  const code = await codes.issue('verify', facts)
  expect(code).toMatch(/^[\w-]{43}$/)
  expect(await codes.consume('reset', code)).toBeNull()
  expect(await codes.peek('verify', code)).toEqual(facts)
  expect(await codes.consume('verify', `${code}x`)).toBeNull()
  const uses = await Promise.all(Array.from({ length: 10 }, () => codes.consume('verify', code)))
  expect(uses.filter((use) => use !== null)).toEqual([facts])
  expect(await codes.peek('verify', code)).toBeNull()
})

it('counts for its time, to the millisecond', async () => {
  const { codes, clock } = await aTable()
  const code = await codes.issue('reset', facts)
  clock.now += 30 * 60_000 - 1
  expect(await codes.peek('reset', code)).toEqual(facts)
  clock.now += 1
  expect([await codes.peek('reset', code), await codes.consume('reset', code)]).toEqual([null, null])
})

it('says whether any code for a purpose still counts', async () => {
  const { codes, clock } = await aTable()
  await codes.issue('setup', { accountId: null, subject: null })
  expect([await codes.isAny('setup'), await codes.isAny('invite')]).toEqual([true, false])
  clock.now += 30 * 60_000
  expect(await codes.isAny('setup')).toBe(false)
})

it('is void when a newer one is issued to the account, or all of a purpose are', async () => {
  const { codes } = await aTable()
  const [old, other] = [await codes.issue('reset', facts), await codes.issue('reset', { ...facts, accountId: 'b2' })]
  const setup = await codes.issue('setup', { accountId: null, subject: null })
  const newer = await codes.issue('reset', facts)
  expect(await codes.peek('reset', old)).toBeNull()
  expect(await codes.peek('reset', newer)).not.toBeNull()
  expect(await codes.peek('reset', other)).not.toBeNull()
  await codes.void('setup')
  expect(await codes.peek('setup', setup)).toBeNull()
  await codes.void('reset', 'b2')
  expect([await codes.peek('reset', other), await codes.peek('reset', newer)]).toEqual([null, facts])
})

it('is in the table as a hash alone, and is swept when it is over', async () => {
  const { db, codes, clock } = await aTable()
  const code = await codes.issue('invite', facts)
  const rows = await sql`SELECT * FROM codes`.execute(db)
  expect(JSON.stringify(rows.rows)).not.toContain(code)
  await codes.sweep()
  expect((await sql`SELECT * FROM codes`.execute(db)).rows).toHaveLength(1)
  clock.now += 8 * 24 * 60 * 60_000
  await codes.sweep()
  expect((await sql`SELECT * FROM codes`.execute(db)).rows).toHaveLength(0)
})
