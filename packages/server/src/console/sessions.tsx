import type { SessionStatus } from 'coatcheck'
import type { Context } from 'hono'
import { endAllSessions, endSessions } from '../actions/ending-sessions.ts'
import { networkOf } from '../audit/networks.ts'
import type { SessionFilter } from '../audit/session-search.ts'
import { leadTo } from '../base-path.ts'
import type { Environment, Services } from '../environment.ts'
import { readFields, readRepeated } from '../forms.ts'
import type { NoticeText } from '../pages/layout.tsx'
import { renderPage, textsFor } from '../pages/render.tsx'
import type { ServerSession } from '../session-data.ts'
import { administrator } from './guard.ts'
import { namesOf } from './names.ts'
import { type Asked, SessionsPage } from './sessions-page.tsx'

const PAGE = 50
const LONGEST = 254
const MOST_SELECTED = 1_000
/** So many accounts or devices may fit what was typed; each is a walk of its own. */
const MOST_MEANT = 10

/** Sessions of users, by name, network, device and what became of them; the latest first. */
export async function showSessions(c: Context<Environment>) {
  const session = await administrator(c)
  if (session instanceof Response) return session
  const ended = Number(c.req.query('ended'))
  const texts = textsFor(c).consoleSessions
  const isCount =
    c.req.query('ended') !== undefined && Number.isSafeInteger(ended) && ended >= 0 && ended <= MOST_SELECTED
  const done = isCount ? texts.endedCount(ended) : null
  return await answerSessions(c, session, done === null ? null : { kind: 'good', text: done })
}

async function answerSessions(c: Context<Environment>, session: ServerSession, notice: NoticeText | null) {
  const services = c.get('services')
  const text = (name: string) => (c.req.query(name) ?? '').trim().slice(0, LONGEST)
  const asked: Asked = { name: text('name'), address: text('address'), device: text('device'), state: text('state') }
  const devices = await services.audit.devices()
  const { filter, problem } = await filterOf(services, asked, devices)
  const before = Number(c.req.query('before'))
  const statuses = new Map<string, SessionStatus | null>()
  const { sessions, next } = await services.audit.sessions(
    { ...filter, ...(Number.isSafeInteger(before) && before > 0 && { before }) },
    PAGE,
    async ({ sessionId }) => {
      const status = await services.sessions.find(sessionId)
      statuses.set(sessionId, status)
      return asked.state !== 'alive' || status?.alive === true
    },
  )
  const names = await namesOf(
    services,
    sessions.map(({ userId }) => userId),
  )
  const listed = sessions.map((one) => ({
    ...one,
    name: names.get(one.userId ?? '') ?? null,
    status: statuses.get(one.sessionId) ?? null,
  }))
  const texts = textsFor(c).consoleSessions
  const told: NoticeText | null =
    problem === null
      ? notice
      : { kind: 'plain', text: problem === 'address' ? texts.noAddress : texts.tooMany(MOST_MEANT) }
  const props = {
    asked,
    devices: devices.slice(0, 100),
    listed,
    next,
    notice: told,
    own: session.userId ?? '',
    search: searchOf(c),
  }
  return await renderPage(c, <SessionsPage {...props} />, told?.kind === 'bad' ? 400 : 200)
}

async function filterOf(
  { accounts }: Services,
  { name, address, device, state }: Asked,
  seen: readonly string[],
): Promise<{ filter: SessionFilter; problem: 'many' | 'address' | null }> {
  const fitting = name === '' ? null : await accounts.search(name, '', MOST_MEANT + 1)
  const devices = device === '' ? null : seen.filter((one) => one.toLowerCase().includes(device.toLowerCase()))
  // Of a network in the form in which it is shown, the address is enough.
  const network = networkOf(address.replace(/\/\d{1,3}$/, ''))
  const isMany = (fitting?.length ?? 0) > MOST_MEANT || (devices?.length ?? 0) > MOST_MEANT
  const isNoAddress = address !== '' && network === null
  const filter: SessionFilter = {
    ...(fitting !== null && { userIds: fitting.slice(0, MOST_MEANT).map(({ id }) => id) }),
    ...(devices !== null && { devices: devices.slice(0, MOST_MEANT) }),
    ...(address !== '' && { networks: network === null ? [] : [network] }),
    ...(state !== '' && state !== 'alive' && { reason: state }),
  }
  return { filter, problem: isNoAddress ? 'address' : isMany ? 'many' : null }
}

/** Ends those that were selected, or the one whose button it was. */
export async function postEndSessions(c: Context<Environment>) {
  const session = await administrator(c)
  if (session instanceof Response) return session
  const chosen = await readRepeated(c, 'session', MOST_SELECTED)
  const ended = await endSessions(c.get('services'), chosen, session.userId ?? '')
  return leadTo(c, `/admin/sessions${searchOf(c, { ended: String(ended) })}`)
}

/** What was asked for, so that whoever ends a selection goes on where they were. */
function searchOf(c: Context<Environment>, more: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams()
  for (const name of ['name', 'address', 'device', 'state', 'before']) {
    const value = c.req.query(name) ?? ''
    if (value !== '') search.set(name, value)
  }
  for (const [name, value] of Object.entries(more)) search.set(name, value)
  return search.size === 0 ? '' : `?${search}`
}

/** Ends every session there is, where the box is ticked that says so. */
export async function postEndAllSessions(c: Context<Environment>) {
  const session = await administrator(c)
  if (session instanceof Response) return session
  const { sure } = await readFields(c, ['sure'])
  if (sure === '') {
    const { endEveryWarning, confirm } = textsFor(c).consoleSessions
    return await answerSessions(c, session, { kind: 'bad', text: `${endEveryWarning} ${confirm}?` })
  }
  await endAllSessions(c.get('services'), session.userId ?? '')
  return leadTo(c, '/login')
}
