import type { Account } from '../accounts/accounts.ts'
import { isRefusal, type Limit } from '../accounts/attempts.ts'
import { isReserved, normalizeName } from '../accounts/names.ts'
import type { Services } from '../environment.ts'
import { ORDINARY } from '../roles.ts'
import { passwordFault } from './password-faults.ts'
import { type Refused, refused } from './refusals.ts'
import { HOUR } from './windows.ts'

export interface SignUp {
  readonly username: string
  readonly password: string
  /** The client's address, for the limit. */
  readonly address: string
}

/** Makes an account, unless settings, the limit, the name or the password speak against it. @throws BusyError */
export async function signUp(services: Services, { username, password, address }: SignUp): Promise<Account | Refused> {
  const { accounts, attempts, config, passwords } = services
  if (config.signup !== 'open') return refused('sign-up-closed')
  const name = normalizeName(username)
  if (name === null) return refused('name-unfit')
  if (isReserved(name)) return refused('name-reserved')
  const fault = passwordFault(password, config.passwordLength, [name])
  if (fault !== null) return refused(fault)
  const limit: Limit = { most: config.limits.signupsPerAddress, window: HOUR }
  const attempt = await attempts.take([[`sign-up:${address}`, limit]])
  if (isRefusal(attempt)) return refused('too-many-attempts', attempt.retryAfter)
  if ((await accounts.find(name)) !== null) {
    await attempt.giveBack()
    return refused('name-taken')
  }
  const account = await accounts.create({ name, passwordHash: await passwords.hash(password), role: ORDINARY })
  // Somebody else took the name while the password was hashed.
  return account ?? refused('name-taken')
}
