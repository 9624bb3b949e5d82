import { NotSignedInError, SessionEndedError, UserChangedError } from 'coatcheck'
import type { Account } from '../accounts/accounts.ts'
import { isRefusal } from '../accounts/attempts.ts'
import type { ServerSession, Services } from '../environment.ts'
import { type Refused, refused } from './refusals.ts'
import { accountLimit } from './signing-in.ts'

/** Proves again that whoever is signed in knows the password: the session is fresh, with a new token. @throws BusyError */
export async function reauthenticate(
  services: Services,
  session: ServerSession,
  password: string,
): Promise<Account | Refused> {
  const { sessions, accounts, attempts, passwords } = services
  const { userId } = session
  if (userId === null) return refused('not-signed-in')
  const counted = await attempts.take([accountLimit(services, session.data.name ?? '')])
  if (isRefusal(counted)) return refused('too-many-attempts', counted.retryAfter)
  // Begun before the password is read and checked, so that a change or an ending meanwhile wins.
  const attempt = await sessions.begin(userId)
  const account = await accounts.read(userId)
  if (!(await passwords.verify(password, account?.passwordHash ?? null)) || account === null) {
    return refused('invalid-password')
  }
  await counted.giveBack()
  try {
    await session.reauthenticate(attempt, { assurance: { level: 1, methods: ['pwd'] } })
    return account
  } catch (error) {
    const isOver = [UserChangedError, SessionEndedError, NotSignedInError].some((each) => error instanceof each)
    if (isOver) return refused('ended-meanwhile')
    throw error
  }
}
