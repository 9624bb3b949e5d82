import type { Account } from '../accounts/accounts.ts'
import type { Services } from '../environment.ts'
import type { ServerSession } from '../session-data.ts'
import { type Proof, provePassword } from './proving-password.ts'
import { type Refused, wasRefused } from './refusals.ts'
import { tell } from './telling.ts'

/** Ends all sessions and removes the account for good. @throws BusyError */
export async function deleteAccount(
  services: Services,
  session: ServerSession,
  proof: Proof,
): Promise<Account | Refused> {
  const { accounts, sessions } = services
  const account = await provePassword(services, session, proof, 'password')
  if (wasRefused(account)) return account
  await sessions.revokeUser(account.id)
  await accounts.remove(account.id)
  // Whoever signed in between the two.
  await sessions.revokeUser(account.id)
  await session.signOut()
  tell(services, account.id, { type: 'account-deleted' })
  return account
}
