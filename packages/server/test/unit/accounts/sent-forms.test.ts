import { expect, it } from 'vitest'
import { type FirstPost, makeSentForms, type RepeatedPost } from '../../../src/accounts/sent-forms.ts'
import { tables } from './tables.ts'

const FORM = ['/login', 'A'.repeat(22), 'B'.repeat(22)]
const FIELDS = '[["username","alice"],["password","correct horse battery staple"]]'
const ANSWER = JSON.stringify({ status: 303, headers: [['set-cookie', 'sid=cc1.secret']], body: 'ä' })

/** Two processes on one database, with one clock. */
async function twoProcesses() {
  const db = await tables()
  const clock = { now: 1_000_000 }
  const make = () => makeSentForms(db, () => clock.now, 1)
  return { db, clock, one: make(), other: make() }
}

function first(post: FirstPost | RepeatedPost): FirstPost {
  if (!post.isFirst) throw new Error('The post was made already.')
  return post
}

async function answerOf(post: FirstPost | RepeatedPost): Promise<string | null> {
  if (post.isFirst) throw new Error('Nobody has made the post.')
  return await post.answer()
}

it('of posts at once one is the first, and the others wait for its answer', async () => {
  const { one, other } = await twoProcesses()
  const posts = await Promise.all([one, other, one, other].map((process) => process.send(FORM, FIELDS)))
  const [winner, ...more] = posts.filter(({ isFirst }) => isFirst)
  expect(more).toEqual([])
  const waiting = posts.filter(({ isFirst }) => !isFirst).map(answerOf)
  await first(winner as FirstPost).keep(ANSWER)
  expect(await Promise.all(waiting)).toEqual([ANSWER, ANSWER, ANSWER])
})

it('is given again for a minute, to the millisecond', async () => {
  const { clock, one, other } = await twoProcesses()
  await first(await one.send(FORM, FIELDS)).keep(ANSWER)
  clock.now += 59_999
  expect(await answerOf(await other.send(FORM, FIELDS))).toBe(ANSWER)
  clock.now += 1
  first(await other.send(FORM, FIELDS))
})

it('what was not done is another post’s to do, and who waits for it is told', async () => {
  const { one, other } = await twoProcesses()
  const post = first(await one.send(FORM, FIELDS))
  const waiting = answerOf(await other.send(FORM, FIELDS))
  await post.keep(null)
  expect(await waiting).toBeNull()
  first(await other.send(FORM, FIELDS))
})

it('a process that was killed keeps nobody waiting for longer than half a minute', async () => {
  const { clock, one, other } = await twoProcesses()
  await one.send(FORM, FIELDS)
  const repeated = await other.send(FORM, FIELDS)
  clock.now += 30_000
  expect(await answerOf(repeated)).toBeNull()
  first(await other.send(FORM, FIELDS))
})

it('other fields take the place of those before, whose answer is forgotten and no longer kept', async () => {
  const { one, other } = await twoProcesses()
  const slow = first(await one.send(FORM, FIELDS))
  const guess = first(await other.send(FORM, '[]'))
  await slow.keep(ANSWER)
  await slow.keep(null)
  const again = answerOf(await one.send(FORM, '[]'))
  await guess.keep('of the guess')
  expect(await again).toBe('of the guess')
  first(await one.send(FORM, FIELDS))
})

it('each path, browser and value is a form of its own', async () => {
  const { one, other } = await twoProcesses()
  await first(await one.send(FORM, FIELDS)).keep(ANSWER)
  for (let i = 0; i < FORM.length; i++) first(await other.send(FORM.with(i, 'x'), FIELDS))
})

it('the database holds neither what was typed nor the answer, and cannot be asked for them', async () => {
  const { db, one } = await twoProcesses()
  for (const value of ['C', 'D']) await first(await one.send([...FORM, value], FIELDS)).keep(ANSWER)
  const rows = await db.selectFrom('sent_forms').selectAll().execute()
  const written = JSON.stringify(rows)
  for (const secret of [...FORM, 'alice', 'correct horse', 'secret', 'set-cookie']) {
    expect(written).not.toContain(secret)
    expect(written).not.toContain(Buffer.from(secret).toString('base64url').slice(0, -1))
  }
  // Equal texts look different in each row.
  for (const column of ['id', 'fields', 'answer'] as const) expect(new Set(rows.map((row) => row[column])).size).toBe(2)
})

it('an answer that was changed in the database is none', async () => {
  const { db, one, other } = await twoProcesses()
  await first(await one.send(FORM, FIELDS)).keep(ANSWER)
  const [row] = await db.selectFrom('sent_forms').selectAll().execute()
  const bytes = Buffer.from(row?.answer ?? '', 'base64url')
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  await db
    .updateTable('sent_forms')
    .set({ answer: bytes.toString('base64url') })
    .execute()
  await expect(answerOf(await other.send(FORM, FIELDS))).rejects.toThrow()
})

it('what no longer counts is swept', async () => {
  const { db, clock, one } = await twoProcesses()
  await first(await one.send(FORM, FIELDS)).keep(ANSWER)
  clock.now += 30_000
  await one.send([...FORM, 'later'], FIELDS)
  clock.now += 29_999
  await one.sweep()
  expect(await db.selectFrom('sent_forms').select('id').execute()).toHaveLength(2)
  clock.now += 1
  await one.sweep()
  expect(await db.selectFrom('sent_forms').select('id').execute()).toEqual([])
})
