import type { KnownAccount } from '../accounts/accounts.ts'
import { isRefusal } from '../accounts/attempts.ts'
import { siteKey } from '../audit/networks.ts'
import type { Services } from '../environment.ts'
import type { ServerSession } from '../session-data.ts'
import { countAct, limitsOf, type RepeatedAct } from './limits.ts'
import { type Refused, refused } from './refusals.ts'

export interface Proof {
  /** The present password. */
  readonly password: string
  /** The client's address: those whose passwords wait to be checked take turns by it. */
  readonly address: string
}

/**
 * The account of whoever is signed in, where this is its password; for what a stolen session alone must not do. Failures
 * are counted apart from those of signing in: only who has a session of the account can add to them. `act`: what it is
 * done for, which is counted as well. @throws BusyError
 */
export async function provePassword(
  services: Services,
  { userId }: ServerSession,
  { password, address }: Proof,
  act: RepeatedAct,
): Promise<KnownAccount | Refused> {
  const { accounts, attempts, passwords, config } = services
  if (userId === null) return refused('not-signed-in')
  const attempt = await attempts.take([[`prove:${userId}`, limitsOf(config).failures]])
  if (isRefusal(attempt)) return refused('too-many-attempts', attempt.retryAfter)
  let staysCounted = false
  try {
    const account = await accounts.read(userId)
    const fits = await passwords.verify(password, account?.passwordHash ?? null, siteKey(address))
    staysCounted = account === null || !fits
    if (account === null || !fits) return refused('password-wrong')
    if (account.disabledAt !== null) return refused('account-disabled')
    const over = await countAct(services, act, userId)
    // Beyond the limit the right password counts like a wrong one, or checking it would have no bound.
    staysCounted = over !== null
    return over ?? account
  } finally {
    if (!staysCounted) await attempt.giveBack()
  }
}
