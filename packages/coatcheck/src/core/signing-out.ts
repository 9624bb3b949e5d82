import { OptionError } from '../errors.ts'
import { type Context, dropSession, type SessionState } from './context.ts'
import { recordEnding } from './ending.ts'

const CLEARABLE = ['cache', 'cookies', 'executionContexts', 'storage'] as const

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
 * store fails the cookie stays, so that it can be tried again.
 */
export async function signOut(ctx: Context, state: SessionState, { clear = [] }: SignOutOptions): Promise<void> {
  const cleared = clear.length === 0 ? null : clearSiteData(clear)
  const { record } = state
  const at = ctx.runtime.now()
  if (record !== null) await recordEnding(ctx, record.id, 'signed-out', null)
  state.signedInCookie = 'delete'
  state.clearSiteData = cleared
  if (record === null || record.userId === null) state.anonymousCookie = 'delete'
  if (record !== null) dropSession(state, { reason: 'signed-out', at, note: null })
}
