import type { KnownAccount } from '../accounts/accounts.ts'
import { isRefusal } from '../accounts/attempts.ts'
import type { ServerSession, Services } from '../environment.ts'
import { type Refused, refused } from './refusals.ts'
import { FAILURES } from './windows.ts'

/**
 * The account of whoever is signed in, where this is its password; for what a stolen session alone must not do. Failures
 * are counted apart from those of signing in: only who has a session of the account can add to them. @throws BusyError
 */
export async function provePassword(
  { accounts, attempts, passwords, config }: Services,
  { userId }: ServerSession,
  password: string,
): Promise<KnownAccount | Refused> {
  const limit = { most: config.limits.failuresPerAccount, window: FAILURES }
  const attempt = await attempts.take([[`prove:${userId}`, limit]])
  if (isRefusal(attempt)) return refused('too-many-attempts', attempt.retryAfter)
  let isFailure = false
  try {
    const account = userId === null ? null : await accounts.read(userId)
    const fits = await passwords.verify(password, account?.passwordHash ?? null)
    isFailure = account === null || !fits
    if (account === null || !fits) return refused('password-wrong')
    return account.disabledAt === null ? account : refused('account-disabled')
  } finally {
    if (!isFailure) await attempt.giveBack()
  }
}
