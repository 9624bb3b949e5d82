import type { Context } from 'hono'
import type { Audit } from '../audit/audit.ts'
import type { Kept } from '../audit/kept.ts'
import type { Environment } from '../environment.ts'
import { ACTIVITY_TYPES, ActivityPage, type Place } from '../pages/activity.tsx'
import { renderPage } from '../pages/render.tsx'
import { signedIn } from './guard.ts'

const PAGE = 30

/** What happened to the account of who asks, the newest first. */
export async function showActivity(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  const { audit } = c.get('services')
  const asked = Number(c.req.query('before'))
  const before = Number.isSafeInteger(asked) && asked > 0 ? asked : undefined
  const found = await audit.list({ userId: session.userId ?? '', types: ACTIVITY_TYPES, before }, PAGE + 1)
  const page = found.slice(0, PAGE)
  const places = await placesOf(audit, page)
  const entries = page.map((kept) => ({ kept, place: placeOf(kept) ?? places.get(kept.sessionId ?? '') ?? NOWHERE }))
  const older = found.length > PAGE ? (page.at(-1)?.id ?? null) : null
  return await renderPage(c, <ActivityPage entries={entries} older={older} />)
}

const NOWHERE: Place = { device: null, network: null }

/** Where it happened, where the entry itself says so. */
function placeOf({ detail }: Kept): Place | null {
  const { device, network } = detail
  if (device === undefined && network === undefined) return null
  return { device: typeof device === 'string' ? device : null, network: typeof network === 'string' ? network : null }
}

/** Where the sessions of the entries began, by their sign-in. */
async function placesOf(audit: Audit, page: readonly Kept[]): Promise<ReadonlyMap<string, Place>> {
  const ids = new Set(page.flatMap(({ sessionId }) => (sessionId === null ? [] : [sessionId])))
  const places = new Map<string, Place>()
  for (const sessionId of ids) {
    const [kept] = await audit.list({ sessionId, types: ['signed-in'] }, 1)
    const place = kept === undefined ? null : placeOf(kept)
    if (place !== null) places.set(sessionId, place)
  }
  return places
}
