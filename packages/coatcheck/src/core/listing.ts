import type { Context } from './context.ts'
import { deadlineOf, isLive } from './lifecycle.ts'
import type { Assurance, Client, SessionRecord } from './record.ts'

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

const PAGE = 100

export async function listSessions(ctx: Context, userId: string): Promise<SessionInfo[]> {
  const infos: SessionInfo[] = []
  let cursor: string | null = null
  do {
    const page = await ctx.store.listUser(userId, { cursor, limit: PAGE })
    const now = ctx.runtime.now()
    for (const record of page.items) if (isLive(record, now)) infos.push(infoOf(record, userId))
    cursor = page.cursor
  } while (cursor !== null)
  return infos
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
