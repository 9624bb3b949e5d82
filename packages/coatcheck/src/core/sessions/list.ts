import { deadlineOf, endedAs, isLive } from '../record/lifecycle.ts'
import { underPolicy } from '../record/present-timeouts.ts'
import type { Assurance, Client, SessionRecord } from '../record/record.ts'
import type { Context } from './context.ts'
import type { Ended } from './ended.ts'

/** A session as lists show it. Times in epoch milliseconds. Holds nothing that signs in (ASVS 7.5.2). */
export interface SessionInfo {
  readonly id: string
  readonly userId: string
  readonly createdAt: number
  readonly authenticatedAt: number | null
  readonly lastSeenAt: number
  /** When it ends if nothing more happens. */
  readonly endsAt: number
  readonly persistent: boolean
  readonly assurance: Assurance | null
  readonly client: Client
}

/** One session as lists and `find` show it, without anything that signs in. */
export type SessionStatus =
  | { readonly alive: true; readonly info: SessionInfo }
  | { readonly alive: false; readonly userId: string; readonly ended: Ended }

const PAGE = 100

export async function listSessions(ctx: Context, userId: string): Promise<SessionInfo[]> {
  const infos: SessionInfo[] = []
  let cursor: string | null = null
  do {
    const page = await ctx.store.listUser(userId, { cursor, limit: PAGE })
    const now = ctx.runtime.now()
    for (const stored of page.items) {
      const record = underPolicy(stored, ctx.settings.policy)
      if (isLive(record, now)) infos.push(infoOf(record, userId))
    }
    cursor = page.cursor
  } while (cursor !== null)
  return infos
}

export async function findSession(ctx: Context, id: string): Promise<SessionStatus | null> {
  const record = await readUnderPolicy(ctx, id)
  if (record === null || record.userId === null) return null
  const { userId } = record
  const reason = endedAs(record, ctx.runtime.now())
  if (reason === null) return { alive: true, info: infoOf(record, userId) }
  const { at, note } = record.ended ?? { at: deadlineOf(record).at, note: null }
  return { alive: false, userId, ended: { reason, at, note } }
}

function infoOf(record: SessionRecord, userId: string): SessionInfo {
  const { id, createdAt, authenticatedAt, lastSeenAt, persistent, assurance, client } = record
  return {
    id,
    userId,
    createdAt,
    authenticatedAt,
    lastSeenAt,
    endsAt: deadlineOf(record).at,
    persistent,
    assurance,
    client,
  }
}

/** What the store answers for an id, as it is judged. */
async function readUnderPolicy({ store, settings }: Context, id: string): Promise<SessionRecord | null> {
  const record = await store.read(id, { strict: true })
  return record === null ? null : underPolicy(record, settings.policy)
}
