import { OptionError, SignOutUnconfirmedError, StoreFullError } from '../errors.ts'
import { type Context, dropSession, type SessionState } from './context.ts'
import { recordEnding } from './ending.ts'
import { isOutage, type OutageError, reportStoreFailure } from './outage.ts'
import { presentedTokens } from './presented.ts'
import type { RetryOutcome } from './sign-out-retries.ts'
import { refuseUnknown } from './unknown-options.ts'
import { judge, type PresentedToken } from './verdict.ts'
import { lacksOurCookies } from './withholding.ts'

const CLEARABLE = ['cache', 'cookies', 'executionContexts', 'storage'] as const

/** Why an ending is not confirmed: the store is out, or has no room left for what an ending writes. */
type Obstacle = OutageError | StoreFullError

export interface SignOutOptions {
  /**
   * What else browsers are to forget of this site, by `Clear-Site-Data` (ASVS 14.3.1): `storage` is what scripts keep;
   * `cookies` are all of the registrable domain, so also those of other applications on its subdomains. Default: nothing
   * beside our own cookies.
   */
  readonly clear?: readonly (typeof CLEARABLE)[number][] | undefined
}

function clearSiteData(clear: readonly string[]): string {
  const known: readonly string[] = CLEARABLE
  if (!clear.every((one) => known.includes(one))) throw new OptionError('clear', `some of ${CLEARABLE.join(', ')}.`)
  return clear.map((one) => `"${one}"`).join(', ')
}

/**
 * Ends the request's session for ever and lets the answer delete its cookie; also where it had ended before. Where the
 * store is out or full the cookie goes all the same, and this process tries again until the ending is confirmed.
 * @throws SignOutUnconfirmedError
 */
export async function signOut(ctx: Context, state: SessionState, options: SignOutOptions): Promise<void> {
  refuseUnknown(options, { clear: null }, 'signOut')
  const { clear = [] } = options
  const cleared = clear.length === 0 ? null : clearSiteData(clear)
  const { record, outage } = state
  const at = ctx.runtime.now()
  const obstacle = outage ?? (record === null ? null : await endOrObstacle(ctx, record.id))
  if (obstacle !== null) await endLater(ctx, state)
  state.signedInCookie = 'delete'
  state.clearSiteData = cleared
  const isAnonymous = record === null || record.userId === null
  if (isAnonymous && !lacksOurCookies(ctx, state)) state.anonymousCookie = 'delete'
  if (record !== null) dropSession(state, { reason: 'signed-out', at, note: null })
  if (obstacle !== null) throw new SignOutUnconfirmedError({ cause: obstacle })
}

async function endOrObstacle(ctx: Context, id: string): Promise<Obstacle | null> {
  try {
    await recordEnding(ctx, id, 'signed-out', null)
    return null
  } catch (error) {
    if (isObstacle(error)) return error
    throw error
  }
}

function isObstacle(error: unknown): error is Obstacle {
  return isOutage(error) || error instanceof StoreFullError
}

async function endLater(ctx: Context, state: SessionState): Promise<void> {
  const { record, holding } = state
  const tokens = record && holding ? [{ id: record.id, ...holding }] : await presentedTokens(ctx, state)
  for (const { id, hash, generation } of tokens) {
    const isWaiting = ctx.signOutRetries.add({ id, hash, generation })
    ctx.events.emit({ type: 'sign-out-unconfirmed', sessionId: id, userId: record?.userId ?? null, isWaiting })
  }
}

/**
 * Ends the session of a token whose visitor signed out while the store was out or full. Only where the token still counts: an
 * old one must not end what it could not have opened.
 */
export async function endUnconfirmed(ctx: Context, token: PresentedToken): Promise<RetryOutcome> {
  const { runtime, settings } = ctx
  try {
    const record = await ctx.store.read(token.id, { strict: true })
    const { status } = judge(record, token, runtime.now(), settings.policy.grace, runtime.equal)
    if (status === 'active') await recordEnding(ctx, token.id, 'signed-out', null)
  } catch (error) {
    if (isObstacle(error)) return 'scope' in error && error.scope === 'call' ? 'refused' : 'out'
    // A fault of another kind would be met again each time.
    reportStoreFailure(ctx, 'end', error)
  }
  return 'done'
}
