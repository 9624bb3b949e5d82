import type { Context } from 'hono'
import type { Environment } from '../environment.ts'
import { DevicesPage } from '../pages/devices.tsx'
import { renderPage } from '../pages/render.tsx'
import { toSignIn } from './guard.ts'

const ENDED: Readonly<Record<string, string>> = {
  one: 'That device is signed out.',
  others: 'All other devices are signed out.',
  gone: 'That device was signed out already.',
}

export async function showDevices(c: Context<Environment>) {
  const session = await c.get('openSession')()
  if (session.userId === null) return toSignIn(c)
  const list = await c.get('services').sessions.list(session.userId)
  const now = Date.now()
  const devices = list.map((info) => ({
    id: info.id,
    name: info.client.label ?? 'Unknown device',
    address: info.client.address,
    signedInAt: info.authenticatedAt ?? info.createdAt,
    lastSeenAt: info.id === session.id ? now : info.lastSeenAt,
    current: info.id === session.id,
  }))
  devices.sort((a, b) => Number(b.current) - Number(a.current))
  const notice = ENDED[c.req.query('ended') ?? ''] ?? null
  return await renderPage(c, <DevicesPage name={session.data.name ?? ''} devices={devices} notice={notice} now={now} />)
}

export async function endDevice(c: Context<Environment>) {
  const session = await c.get('openSession')()
  if (session.userId === null) return toSignIn(c)
  const id = c.req.param('id') ?? ''
  if (id === session.id) {
    await session.signOut()
    return c.redirect('/login?goodbye', 303)
  }
  const outcome = await c.get('services').sessions.revoke(id, null, { userId: session.userId })
  return c.redirect(`/account/sessions?ended=${outcome === 'ended' ? 'one' : 'gone'}`, 303)
}

export async function endOtherDevices(c: Context<Environment>) {
  const session = await c.get('openSession')()
  if (session.userId === null) return toSignIn(c)
  await c.get('services').sessions.revokeUser(session.userId, { except: session.id })
  return c.redirect('/account/sessions?ended=others', 303)
}
