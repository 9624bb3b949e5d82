import { Hono } from 'hono'
import { expect, it, vi } from 'vitest'
import { AccountsOutageError } from '../../../src/accounts/faults.ts'
import { makeSentForms, type SentForms } from '../../../src/accounts/sent-forms.ts'
import type { Environment } from '../../../src/environment.ts'
import { answerOnce } from '../../../src/routes/sent-twice.ts'
import { runningServer } from '../../running.ts'
import { tables } from '../accounts/tables.ts'

const ONCE = 'A'.repeat(22)

/** A form that answers how often it was done, with a clock that is moved by hand. */
async function counting(
  status: 303 | 409 | 500,
  around = (sentForms: SentForms): SentForms => sentForms,
  work = Promise.resolve(),
) {
  const { services } = await runningServer()
  const clock = { now: 1_000_000 }
  const sentForms = around(makeSentForms(await tables(), () => clock.now, 1))
  const notice = vi.fn()
  let done = 0
  const app = new Hono<Environment>()
  app.use(async (c, next) => {
    c.set('services', { ...services, sentForms, log: { ...services.log, notice } })
    await next()
  })
  app.use(answerOnce())
  app.post('/login', async (c) => {
    done++
    await work
    if (status === 500) throw new Error('It fails.')
    c.header('Set-Cookie', `one=${done}`, { append: true })
    c.header('Set-Cookie', `two=${done}`, { append: true })
    return c.body(null, status)
  })
  app.onError((_, c) => c.text('failed', 500))
  const send = async (fields: Record<string, string> = {}, signal: AbortSignal | null = null) => {
    const body = new URLSearchParams({ once: ONCE, username: 'alice', ...fields })
    const answer = await app.request(
      'http://localhost/login',
      { method: 'POST', body, headers: { cookie: `form=${ONCE}` }, signal },
      {
        incoming: { socket: { remoteAddress: '127.0.0.1' } },
      },
    )
    return [answer.status, answer.headers.getSetCookie().join(' ')]
  }
  return { send, clock, notice, done: () => done }
}

it('an answer is given again with all of its cookies until its minute is over', async () => {
  const { send, clock } = await counting(303)
  for (let i = 0; i < 3; i++) expect(await send()).toEqual([303, 'one=1 two=1'])
  clock.now += 60_000
  expect(await send()).toEqual([303, 'one=2 two=2'])
})

it.each([409, 500] as const)('what was not done is not kept: %i', async (status) => {
  const { send, done } = await counting(status)
  expect((await send())[0]).toBe(status)
  expect((await send())[0]).toBe(status)
  expect(done()).toBe(2)
})

it('of a form with other fields the last answer is kept', async () => {
  const { send } = await counting(303)
  expect((await send({ password: 'a' }))[1]).toBe('one=1 two=1')
  expect((await send({ password: 'b' }))[1]).toBe('one=2 two=2')
  expect((await send({ password: 'b' }))[1]).toBe('one=2 two=2')
  expect((await send({ password: 'a' }))[1]).toBe('one=3 two=3')
})

it('what was done is answered where its answer cannot be kept, and the operator is told', async () => {
  const { send, notice, done } = await counting(303, (sentForms) => ({
    ...sentForms,
    async send(form, fields) {
      const post = await sentForms.send(form, fields)
      if (!post.isFirst) return post
      const keep = async () => Promise.reject(new AccountsOutageError('SQLITE_FULL', null))
      return { ...post, keep }
    },
  }))
  expect(await send()).toEqual([303, 'one=1 two=1'])
  expect(done()).toBe(1)
  expect(notice).toHaveBeenCalledWith('accounts-failed', 'SQLITE_FULL')
})

it('a second post of another process does not do the work where its client is gone', async () => {
  const shared = makeSentForms(await tables(), () => 1_000_000, 1)
  const { promise, resolve } = Promise.withResolvers<void>()
  const first = await counting(303, () => shared, promise)
  const second = await counting(303, () => shared)
  const answered = first.send()
  await vi.waitUntil(() => first.done() === 1)
  const repeated = second.send({}, AbortSignal.abort())
  resolve()
  expect([await answered, await repeated]).toEqual([
    [303, 'one=1 two=1'],
    [303, 'one=1 two=1'],
  ])
  expect(second.done()).toBe(0)
})
