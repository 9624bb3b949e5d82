import type { Context } from 'hono'
import type { Environment } from '../environment.ts'
import { noticeOutage } from '../log.ts'

/** Whether the database of accounts and sessions answers; for supervisors. Says nothing else. */
export async function showHealth(c: Context<Environment>) {
  c.header('Cache-Control', 'no-store')
  return (await isHealthy(c)) ? c.json({ status: 'ok' }) : c.json({ status: 'unavailable' }, 503)
}

/**
 * Whether requests should be sent here; for balancers. Not while the server stops, though it still answers; of one process of
 * several that is replaced, the server goes on. Not where it would sign people out whom other servers have signed in; keys that will make it do so are told before.
 */
export async function showReadiness(c: Context<Environment>) {
  const { agreement, lifecycle } = c.get('services')
  c.header('Cache-Control', 'no-store')
  if (lifecycle.isStopping && !lifecycle.isReplaced) return c.json({ status: 'stopping' }, 503)
  const accord = agreement.accord()
  if (accord === 'apart') return c.json({ status: 'keys-apart' }, 503)
  if (!(await isHealthy(c))) return c.json({ status: 'unavailable' }, 503)
  return c.json(accord === 'agreed' ? { status: 'ok' } : { status: 'ok', keys: accord })
}

async function isHealthy(c: Context<Environment>): Promise<boolean> {
  const { accounts, sessions, log } = c.get('services')
  try {
    await Promise.all([accounts.ping(), sessions.begin('health')])
    return true
  } catch (error) {
    if (error instanceof Error && !noticeOutage(log, error)) log.fault(c.req.method, c.req.path, error)
    return false
  }
}
