import { DataError } from '../../errors.ts'
import { refuseUnknown } from '../base/unknown-options.ts'
import { applied, checkLimits, decodeData, encodeValue } from '../record/data.ts'
import { isLive } from '../record/lifecycle.ts'
import type { SessionRecord } from '../record/record.ts'
import { retentionOf } from '../record/retention.ts'
import type { DataChange } from '../store/store.ts'
import type { Context } from './context.ts'
import { bringUp } from './migrate.ts'
import { checkUserId } from './sign-in.ts'
import { validate } from './validate.ts'

export interface UserChange {
  readonly set?: object | undefined
  readonly unset?: readonly string[] | undefined
}

/** Changes data in all sessions of a user and answers how many. @throws DataError, and what the store throws */
export async function updateUserData(ctx: Context, userId: string, options: UserChange): Promise<number> {
  refuseUnknown(options, { set: null, unset: null }, 'updateUser')
  const { set = {}, unset } = options
  const { limits } = ctx.settings
  const entries = Object.entries(set).filter(([, value]) => value !== undefined)
  const texts = new Map(entries.map(([key, value]) => [key, encodeValue(value, key, limits)]))
  checkLimits(texts, limits)
  const change = { set: texts, unset }
  await prepareAll(ctx, checkUserId(userId), change)
  const at = ctx.runtime.now()
  const { log, epochs } = retentionOf(ctx.settings.policy)
  const ids = await ctx.store.updateUser(userId, { ...change, at, logUntil: at + log, forgetAt: at + epochs })
  ctx.events.emit({ type: 'user-updated', userId, count: ids.length })
  return ids.length
}

/**
 * Before anything is changed: brings each session to the present schema, since a migration that came after would take
 * the change for a part of the old data, and sees that the change fits each. One that it does not fit could write
 * nothing any more.
 */
async function prepareAll(ctx: Context, userId: string, change: DataChange): Promise<void> {
  let cursor: string | null = null
  do {
    const page = await ctx.store.listUser(userId, { cursor })
    for (const old of page.items) {
      if (!isLive(old, ctx.runtime.now())) continue
      const outcome = await bringUp(ctx, old)
      if ('record' in outcome) await checkChange(ctx, outcome.record, change)
    }
    cursor = page.cursor
  } while (cursor !== null)
}

/** What did not fit before is changed all the same: it must not keep a role that is to be taken away. */
async function checkChange(ctx: Context, { data }: SessionRecord, change: DataChange): Promise<void> {
  try {
    await checkData(ctx, applied(data, change))
  } catch (error) {
    if (!(error instanceof DataError) || (await fits(ctx, data))) throw error
  }
}

async function fits(ctx: Context, texts: SessionRecord['data']): Promise<boolean> {
  try {
    await checkData(ctx, texts)
    return true
  } catch (error) {
    if (error instanceof DataError) return false
    throw error
  }
}

async function checkData(ctx: Context, texts: SessionRecord['data']): Promise<void> {
  const { limits, schema, initial } = ctx.settings
  checkLimits(texts, limits)
  if (schema !== null) await validate(ctx, decodeData(texts, initial?.() ?? null))
}
