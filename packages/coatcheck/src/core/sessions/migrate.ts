import { ContentionError, DataError, NewerDataError } from '../../errors.ts'
import { type Held, isRefused, type Refused } from '../kind.ts'
import { applied, decodeData, diffData } from '../record/data.ts'
import { type SessionRecord, withFields } from '../record/record.ts'
import type { Context } from './context.ts'
import { endedOf } from './ended.ts'
import { issue } from './issue.ts'
import { dropSession, type SessionState } from './state.ts'
import { validate } from './validate.ts'

const ATTEMPTS = 8

/**
 * Brings the data of the request's record to the present schema and writes the result, if nobody changed the data
 * meanwhile; otherwise again from what is there then. Records of a later version (a deployment was rolled back) stay.
 * Data that cannot be brought up is an error for whoever asks for it, and the session goes on without it, so that its owner
 * can at least sign out.
 */
export async function migrateHeld(ctx: Context, state: SessionState): Promise<void> {
  let { held } = state
  const schema = ctx.settings.schemaVersion
  for (let attempt = 0; held !== null; attempt++) {
    if (held.record.schema >= schema) return
    if (attempt === ATTEMPTS) throw new ContentionError('schema', ATTEMPTS)
    const { record, kind }: Held = held
    const change = await migratedOrUnreadable(ctx, state, record)
    if (change === null) return
    const result = await kind.update(
      held,
      { ...change, at: ctx.runtime.now(), fields: { schema } },
      { ifVersion: record.version },
    )
    if (result.outcome === 'updated') {
      const fields = { data: applied(record.data, change), schema, version: result.version }
      const after = { ...result.held, record: withFields(result.held.record, fields) }
      if (result.held === held) state.held = after
      else await issue(state, after, 'changed')
      return
    }
    const fresh: Held | Refused = await kind.load(held)
    if (isRefused(fresh)) return goOnOrDrop(ctx, state, held, fresh)
    state.held = fresh
    held = fresh
  }
}

/**
 * Where another request has replaced the token meanwhile, this one goes on to read what it would have migrated: its writes are
 * refused, and whoever has the new token brings the record up.
 */
async function goOnOrDrop(ctx: Context, state: SessionState, held: Held, refused: Refused): Promise<void> {
  const { reason, record } = refused
  if (reason !== 'superseded' || record === null) return dropSession(state, endedOf(refused))
  const isOld = record.schema < ctx.settings.schemaVersion
  const change = isOld ? await migratedOrUnreadable(ctx, state, record) : null
  const data = change === null ? record.data : applied(record.data, change)
  state.held = { ...held, record: withFields(record, { data }) }
}

async function migratedOrUnreadable(ctx: Context, state: SessionState, record: SessionRecord) {
  try {
    return await migrated(ctx, record)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    state.view.unreadable = error
    return null
  }
}

type BroughtUp = { readonly record: SessionRecord } | { readonly gone: SessionRecord | null }

/** Refuses to write data that a newer version of the application has written. @throws NewerDataError */
export function refuseNewer({ settings }: Pick<Context, 'settings'>, { schema }: Pick<SessionRecord, 'schema'>): void {
  if (schema > settings.schemaVersion) throw new NewerDataError(schema, settings.schemaVersion)
}

/**
 * The record before its data is changed: as it is at the present schema, or that it ended meanwhile (`gone`: what is left of
 * it). @throws NewerDataError, DataError
 */
export async function bringUp(ctx: Context, old: SessionRecord): Promise<BroughtUp> {
  const schema = ctx.settings.schemaVersion
  let record = old
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    refuseNewer(ctx, record)
    if (record.schema === schema) return { record }
    const change = await migrated(ctx, record)
    const result = await ctx.store.update(
      record.id,
      { ...change, at: ctx.runtime.now(), fields: { schema } },
      { ifVersion: record.version },
    )
    if (result.outcome === 'updated') {
      return { record: withFields(record, { data: applied(record.data, change), schema, version: result.version }) }
    }
    const fresh = await ctx.store.read(record.id, { strict: true })
    if (result.outcome !== 'stale' || fresh === null || fresh.ended !== null) return { gone: fresh }
    record = fresh
  }
  throw new ContentionError('schema', ATTEMPTS)
}

async function migrated(ctx: Context, record: SessionRecord) {
  const { migrate, limits } = ctx.settings
  const before = decodeData(record.data, null)
  if (migrate === undefined) return { set: new Map<string, string>(), unset: [] }
  let after: Record<string, unknown>
  try {
    after = await migrate(before, record.schema)
  } catch (cause) {
    throw new DataError('migration', null, '', `data.migrate threw on a record of version ${record.schema}.`, { cause })
  }
  await validate(ctx, after)
  return diffData(record.data, after, null, limits) ?? { set: new Map<string, string>(), unset: [] }
}
