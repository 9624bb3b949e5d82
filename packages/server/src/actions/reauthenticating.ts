import { NotSignedInError, SessionEndedError, UserChangedError } from 'coatcheck'
import type { Account } from '../accounts/accounts.ts'
import type { Services } from '../environment.ts'
import type { ServerSession } from '../session-data.ts'
import { type Proof, provePassword } from './proving-password.ts'
import { type Refused, refused, wasRefused } from './refusals.ts'

/** Proves again that whoever is signed in knows the password: the session is fresh, with a new token. @throws BusyError */
export async function reauthenticate(
  services: Services,
  session: ServerSession,
  proof: Proof,
): Promise<Account | Refused> {
  const { userId } = session
  if (userId === null) return refused('not-signed-in')
  // Begun before the password is read and checked, so that a change or an ending meanwhile wins.
  const attempt = await services.sessions.begin(userId)
  const account = await provePassword(services, session, proof, 'reauthenticate')
  if (wasRefused(account)) return account
  try {
    await session.reauthenticate(attempt, { assurance: { level: 1, methods: ['pwd'] } })
    return account
  } catch (error) {
    const isOver = [UserChangedError, SessionEndedError, NotSignedInError].some((each) => error instanceof each)
    if (isOver) return refused('ended-meanwhile')
    throw error
  }
}
