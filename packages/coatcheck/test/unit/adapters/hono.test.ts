import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { expect, test } from 'vitest'
import { honoSecurityHeaders, honoSessions, type SessionVariables } from '../../../src/adapters/hono.ts'
import { anApp, type Data } from '../core/app.ts'

test.each([
  ['an outage', 503],
  ['data that cannot be stored', 500],
])(
  'where %s keeps the session from being saved, the answer keeps the headers that protect, and no others',
  async (what, status) => {
    const { sessions, faults, signedIn } = anApp()
    const ada = await signedIn()
    const app = new Hono<{ Variables: SessionVariables<Partial<Data>> }>()
    app.onError((_error, c) => c.text('failed', 500))
    app.use(cors({ origin: 'https://partner.example' }))
    app.use(honoSecurityHeaders())
    app.use(honoSessions(sessions))
    app.get('/', (c) => {
      const { data } = c.get('session')
      data.n = 1
      if (status === 500) Reflect.set(data, 'n', new Date(0))
      return c.text(what, 200, { 'x-of': 'the handler', 'permissions-policy': 'camera=()' })
    })
    faults.failBefore('update')
    const answer = await app.request(ada.request({ origin: 'https://partner.example' }))
    expect([answer.status, answer.headers.get('x-of')]).toEqual([status, null])
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://partner.example')
    expect(answer.headers.get('permissions-policy')).toBe('camera=()')
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'")
  },
)
