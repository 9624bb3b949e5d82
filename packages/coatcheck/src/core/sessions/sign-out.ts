import { OptionError, SignOutUnconfirmedError, StoreFullError } from '../../errors.ts'
import { refuseUnknown } from '../base/unknown-options.ts'
import { lacksOurCookies } from '../csrf/withholding.ts'
import { isOutage, type OutageError, reportStoreFailure } from '../events/outage.ts'
import { isOverlong } from '../http/cookies.ts'
import type { Claim, Held } from '../kind.ts'
import type { Context } from './context.ts'
import { endHeld } from './end.ts'
import { deleteCookiesOf } from './issue.ts'
import type { RetryOutcome } from './pending-sign-outs.ts'
import { dropSession, recordOf, type SessionState } from './state.ts'

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
  const { held, outage, exchange } = state
  const record = recordOf(state)
  const at = ctx.runtime.now()
  const obstacle = outage ?? (held === null ? null : await endOrObstacle(ctx, held))
  if (obstacle !== null) await endLater(ctx, state)
  deleteCookiesOf(ctx, state, 'signed-in')
  exchange.clearSiteData = cleared
  const isAnonymous = record === null || record.userId === null
  if (isAnonymous && !lacksOurCookies(ctx, exchange)) deleteCookiesOf(ctx, state, 'anonymous')
  if (record !== null) dropSession(state, { reason: 'signed-out', at, note: null })
  if (obstacle !== null) throw new SignOutUnconfirmedError({ cause: obstacle })
}

async function endOrObstacle(ctx: Context, held: Held): Promise<Obstacle | null> {
  try {
    await endHeld(ctx, held, 'signed-out')
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
  const { held } = state
  const claims = held === null ? await claimsOf(ctx, state) : [held.kind.claim(held)]
  for (const claim of claims) {
    const isWaiting = ctx.signOutRetries.add(claim)
    const userId = held?.record.userId ?? null
    ctx.events.emit({ type: 'sign-out-unconfirmed', sessionId: claim.id, userId, isWaiting })
  }
}

/** Finds without the store what of ours a request carries. */
async function claimsOf({ settings, kinds }: Context, { exchange }: SessionState): Promise<readonly Claim[]> {
  const { request, cookies } = exchange
  const bearer = settings.bearer ? kinds.bearer(request) : null
  const header = request.headers.get('cookie')
  const isReadable = header !== null && !isOverlong(header) && cookies.withheld === null
  const carried = isReadable ? kinds.candidates(header, cookies) : []
  const texts = [
    ...(bearer === null ? [] : [bearer]),
    ...carried.flatMap(({ kind, texts }) => texts.map((text) => ({ kind, text }))),
  ]
  const found: Claim[] = []
  for (const { kind, text } of texts) {
    const claim = await kind.prove(text)
    if (claim !== null) found.push(claim)
  }
  return found
}

/**
 * Ends the session of a token whose visitor signed out while the store was out or full. Only where the token still counts: an
 * old one must not end what it could not have opened.
 */
export async function endUnconfirmed(ctx: Context, claim: Claim): Promise<RetryOutcome> {
  try {
    const record = await ctx.store.read(claim.id, { strict: true })
    if (record !== null && claim.counts(record)) await endHeld(ctx, { kind: claim.kind, record }, 'signed-out')
  } catch (error) {
    if (isObstacle(error)) return 'scope' in error && error.scope === 'call' ? 'refused' : 'out'
    // A fault of another kind would be met again each time.
    reportStoreFailure(ctx, 'end', error)
  }
  return 'done'
}
