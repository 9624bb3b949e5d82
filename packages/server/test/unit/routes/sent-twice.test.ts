import { Hono } from 'hono'
import { expect, it } from 'vitest'
import type { Environment } from '../../../src/environment.ts'
import { answerOnce } from '../../../src/routes/sent-twice.ts'
import { runningServer } from '../../running.ts'

const ONCE = 'A'.repeat(22)

/** A form that answers how often it was done, and the clock of what is kept, moved by hand. */
async function counting(status: 303 | 409 | 500, most = 10_000) {
  const { services } = await runningServer()
  const due: (() => void)[] = []
  let done = 0
  const app = new Hono<Environment>()
  app.use(async (c, next) => {
    c.set('services', services)
    await next()
  })
  app.use(answerOnce({ later: (forget) => void due.push(forget), most }))
  app.post('/login', (c) => {
    done++
    if (status === 500) throw new Error('It fails.')
    c.header('Set-Cookie', `one=${done}`, { append: true })
    c.header('Set-Cookie', `two=${done}`, { append: true })
    return c.body(null, status)
  })
  app.onError((_, c) => c.text('failed', 500))
  const send = async (fields: Record<string, string> = {}) => {
    const body = new URLSearchParams({ once: ONCE, username: 'alice', ...fields })
    const answer = await app.request(
      'http://localhost/login',
      { method: 'POST', body, headers: { cookie: `form=${ONCE}` } },
      {
        incoming: { socket: { remoteAddress: '127.0.0.1' } },
      },
    )
    return [answer.status, answer.headers.getSetCookie().join(' ')]
  }
  return { send, due, done: () => done }
}

it('an answer is given again with all of its cookies until its minute is over', async () => {
  const { send, due } = await counting(303)
  for (let i = 0; i < 3; i++) expect(await send()).toEqual([303, 'one=1 two=1'])
  for (const forget of due) forget()
  expect(await send()).toEqual([303, 'one=2 two=2'])
})

it.each([409, 500] as const)('what was not done is not kept: %i', async (status) => {
  const { send, due, done } = await counting(status)
  expect((await send())[0]).toBe(status)
  expect((await send())[0]).toBe(status)
  expect([done(), due]).toEqual([2, []])
})

it('keeps so many answers, and of more forgets those of longest ago', async () => {
  const { send, due } = await counting(303, 2)
  const [a, b, c] = ['a', 'b', 'c'].map((letter) => ({ once: letter.repeat(22) }))
  const answers: unknown[] = []
  for (const form of [a, b, c, c, b, a, c, b]) answers.push((await send(form))[1])
  const given = ['one=1 two=1', 'one=2 two=2', 'one=3 two=3', 'one=3 two=3', 'one=2 two=2']
  expect(answers).toEqual([...given, 'one=4 two=4', 'one=3 two=3', 'one=5 two=5'])
  // The minute of one that was forgotten ends nothing of the same form that came later.
  due[0]?.()
  due[1]?.()
  expect((await send(b))[1]).toBe('one=5 two=5')
})

it('of a form with other fields the last answer is kept', async () => {
  const { send, due } = await counting(303)
  expect((await send({ password: 'a' }))[1]).toBe('one=1 two=1')
  expect((await send({ password: 'b' }))[1]).toBe('one=2 two=2')
  due[0]?.()
  expect((await send({ password: 'b' }))[1]).toBe('one=2 two=2')
  expect((await send({ password: 'a' }))[1]).toBe('one=3 two=3')
})
