import type { Context } from 'hono'
import type { Audit } from '../audit/audit.ts'
import { type ActivityLine, type FoldedPage, foldActivity } from '../audit/folding.ts'
import type { Kept } from '../audit/kept.ts'
import type { Environment } from '../environment.ts'
import { ACTIVITY_TYPES, ActivityPage, isTold, type Place } from '../pages/activity.tsx'
import { renderPage } from '../pages/render.tsx'
import { signedIn } from './guard.ts'

/** Lines of a page. */
const PAGE = 30
/** Entries that are read for a page, of which many may become one line; the next page goes on from there. */
const CHUNK = 200
const MOST_READ = 1_000

/** What happened to the account of who asks, the newest first. */
export async function showActivity(c: Context<Environment>) {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  const { audit } = c.get('services')
  const asked = Number(c.req.query('before'))
  const before = Number.isSafeInteger(asked) && asked > 0 ? asked : undefined
  const { lines, next } = await readPage(audit, session.userId ?? '', before)
  const places = await placesOf(audit, lines)
  const entries = lines.map((line) => ({ line, place: placeOfLine(line, places) }))
  return await renderPage(c, <ActivityPage entries={entries} older={next} />)
}

/** Reads on until the page is full. */
async function readPage(audit: Audit, userId: string, first: number | undefined): Promise<FoldedPage> {
  const read: Kept[] = []
  for (;;) {
    const before = read.at(-1)?.id ?? first
    const found = await audit.list({ userId, types: ACTIVITY_TYPES, before }, CHUNK)
    read.push(...found)
    const page = foldActivity(read, PAGE)
    const isWhole = page.next !== null || found.length < CHUNK
    if (!isWhole && read.length < MOST_READ) continue
    const next = isWhole ? page.next : (read.at(-1)?.id ?? null)
    return { lines: page.lines.filter(isTold), next }
  }
}

const NOWHERE: Place = { device: null, network: null }

function placeOfLine({ kept, count, isOnePlace }: ActivityLine, places: ReadonlyMap<string, Place>): Place {
  if (count > 1 && !isOnePlace) return NOWHERE
  return placeOf(kept) ?? places.get(kept.sessionId ?? '') ?? NOWHERE
}

/** Where it happened, where the entry itself says so. */
function placeOf({ detail }: Kept): Place | null {
  const { device, network } = detail
  if (device === undefined && network === undefined) return null
  return { device: typeof device === 'string' ? device : null, network: typeof network === 'string' ? network : null }
}

/** Where the sessions of the entries began, by their sign-in. */
async function placesOf(audit: Audit, page: readonly ActivityLine[]): Promise<ReadonlyMap<string, Place>> {
  const ids = new Set(page.flatMap(({ kept: { sessionId } }) => (sessionId === null ? [] : [sessionId])))
  const places = new Map<string, Place>()
  for (const sessionId of ids) {
    const [kept] = await audit.list({ sessionId, types: ['signed-in'] }, 1)
    const place = kept === undefined ? null : placeOf(kept)
    if (place !== null) places.set(sessionId, place)
  }
  return places
}
