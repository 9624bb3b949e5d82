import type { Context } from 'hono'
import { endAllDevices, endDevice, endOtherDevices, listDevices } from '../actions/devices.ts'
import { wasRefused } from '../actions/refusals.ts'
import { leadTo } from '../base-path.ts'
import type { Environment } from '../environment.ts'
import { DevicesPage } from '../pages/devices.tsx'
import type { NoticeText } from '../pages/layout.tsx'
import { renderPage, textsFor } from '../pages/render.tsx'
import type { ServerSession } from '../session-data.ts'
import { freshlySignedIn, signedIn } from './guard.ts'
import { noticeOf } from './refusing.ts'

export async function showDevices(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  const { ended } = textsFor(c).session
  const texts: Readonly<Record<string, string>> = { one: ended.one, others: ended.others, gone: ended.gone }
  const outcome = c.req.query('ended') ?? ''
  const text = Object.hasOwn(texts, outcome) ? texts[outcome] : undefined
  const notice = text === undefined ? null : ({ kind: 'good', text } as const)
  return await answerDevices(c, session, { notice })
}

async function answerDevices(
  c: Context<Environment>,
  session: ServerSession,
  { notice, status }: { readonly notice: NoticeText | null; readonly status?: ReturnType<typeof noticeOf>['status'] },
) {
  const devices = await listDevices(c.get('services'), session)
  return await renderPage(c, <DevicesPage devices={devices} notice={notice} />, status)
}

export async function postEndDevice(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  const id = c.req.param('id') ?? ''
  // To sign out where one is needs no proof; to end another device does.
  const allowed = id === session.id ? session : await freshlySignedIn(c)
  if (allowed instanceof Response) return allowed
  const outcome = await endDevice(c.get('services'), allowed, id)
  if (outcome === 'self') return leadTo(c, '/login?goodbye')
  return leadTo(c, `/account/sessions?ended=${outcome === 'ended' ? 'one' : 'gone'}`)
}

export async function postEndOtherDevices(c: Context<Environment>) {
  const session = await freshlySignedIn(c)
  if (session instanceof Response) return session
  const outcome = await endOtherDevices(c.get('services'), session)
  if (wasRefused(outcome)) return await answerDevices(c, session, noticeOf(c, outcome))
  return leadTo(c, '/account/sessions?ended=others')
}

export async function postEndAllDevices(c: Context<Environment>) {
  const session = await freshlySignedIn(c)
  if (session instanceof Response) return session
  await endAllDevices(c.get('services'), session)
  return leadTo(c, '/login?goodbye')
}
