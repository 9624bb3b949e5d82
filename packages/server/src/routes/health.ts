import type { Context } from 'hono'
import type { Environment } from '../environment.ts'
import { noticeOutage } from '../log.ts'

/** Whether the database of accounts and sessions answers; for supervisors and balancers. Says nothing else. */
export async function showHealth(c: Context<Environment>) {
  const { accounts, sessions, log } = c.get('services')
  c.header('Cache-Control', 'no-store')
  try {
    await Promise.all([accounts.ping(), sessions.begin('health')])
    return c.json({ status: 'ok' })
  } catch (error) {
    if (error instanceof Error && !noticeOutage(log, error)) log.fault('GET', '/healthz', error)
    return c.json({ status: 'unavailable' }, 503)
  }
}
