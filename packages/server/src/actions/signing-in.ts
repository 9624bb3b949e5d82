import { SessionEndedError, SessionLimitError, UserChangedError } from 'coatcheck'
import { type Account, type KnownAccount, typedKey } from '../accounts/accounts.ts'
import { type Attempt, isRefusal, type Refusal } from '../accounts/attempts.ts'
import { networkOf, siteKey } from '../audit/networks.ts'
import type { Services } from '../environment.ts'
import { noticeOutage } from '../log.ts'
import type { ServerSession, SessionData } from '../session-data.ts'
import { textsIn } from '../texts/index.ts'
import { countedFrom, countOne, limitsOf } from './limits.ts'
import { mailOwner } from './mailing.ts'
import { type Refused, refused, wasRefused } from './refusals.ts'
import { tell } from './telling.ts'

const NOBODY = 'nobody'
const TRIES = 2

export interface SignIn {
  /** A name or a verified address. */
  readonly username: string
  readonly password: string
  /** The client's address, for the limit. */
  readonly address: string
  /** The browser's own word that it has signed in before; empty where there is none. */
  readonly knownBrowser: string
}

/** Signs in whose name and password these are. @throws BusyError */
export async function signIn(services: Services, session: ServerSession, given: SignIn): Promise<Account | Refused> {
  const counted = await countAttempt(services, given)
  if (isRefusal(counted)) return refused('too-many-attempts', counted.retryAfter)
  let staysCounted = false
  try {
    const outcome = await signInCounted(services, session, { ...given, isLocked: counted.isLocked })
    const why = wasRefused(outcome) ? outcome.refused : null
    // Beyond the limit the right password counts like a wrong one, or checking it would have no bound.
    staysCounted = why === 'invalid-credentials' || why === 'too-many-attempts'
    if (why === 'invalid-credentials') tellFailure(services, given, counted)
    return outcome
  } finally {
    if (!staysCounted) await counted.giveBack()
  }
}

interface CountedAttempt extends Attempt {
  /** Whose name it is; null where it is nobody's. */
  readonly accountId: string | null
  /** Whether the account has had as many failures as it may, under whatever name they were typed. */
  readonly isLocked: boolean
}

/**
 * A browser that has signed in to the account before is counted by itself: who guesses elsewhere cannot lock its owner out.
 * Others are counted by the name as it was typed, by the address, and by the account. Only the first two are told: told by
 * the account, a limit that was reached by one of its names would say that another one is its name, too. So there even the
 * right password counts as a wrong one. A name that is nobody's has a counter in the account's place, for the same work.
 */
async function countAttempt(
  services: Services,
  { username, address, knownBrowser }: SignIn,
): Promise<CountedAttempt | Refusal> {
  const { accounts, attempts, knownBrowsers, config } = services
  const { failures, addressFailures } = limitsOf(config)
  const account = await accounts.find(username)
  const accountId = account?.id ?? null
  const counter = knownBrowser === '' ? null : knownBrowsers.counterOf(knownBrowser, account)
  if (counter !== null) {
    const counted = await attempts.take([[counter, failures]])
    return isRefusal(counted) ? counted : { ...counted, accountId, isLocked: false }
  }
  const typed = typedKey(username)
  const told = await attempts.take([
    [`sign-in-as:${typed}`, failures],
    ...countedFrom('sign-in-from', address, addressFailures),
  ])
  if (isRefusal(told)) return told
  const untold = await attempts.take([
    [accountId === null ? `sign-in-nobody:${typed}` : `sign-in:${accountId}`, failures],
  ])
  return {
    accountId,
    isLocked: isRefusal(untold),
    async giveBack() {
      await told.giveBack()
      if (!isRefusal(untold)) await untold.giveBack()
    },
  }
}

/** Told to the account that has the name, so that its owner can see it; nobody else can. */
function tellFailure(services: Services, { address }: SignIn, { accountId, isLocked }: CountedAttempt): void {
  const network = networkOf(address)
  const reason = isLocked ? 'too-many-attempts' : 'invalid-credentials'
  tell(services, accountId, { type: 'sign-in-failed', reason, network })
}

interface CountedSignIn extends SignIn, Pick<CountedAttempt, 'isLocked'> {}

async function signInCounted(
  services: Services,
  session: ServerSession,
  given: CountedSignIn,
): Promise<Account | Refused> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const proven = await prove(services, given)
    if (proven === null) return refused('invalid-credentials')
    if (proven.account.disabledAt !== null) return refused('account-disabled')
    const over = attempt === 1 ? await countSignIn(services, proven.account) : null
    if (over !== null) return over
    try {
      await session.signIn(proven.attempt, {
        data: dataOf(proven.account),
        assurance: { level: 1, methods: ['pwd'] },
      })
      await rehash(services, given, proven.account)
      tellSignIn(services, session, proven.account, given)
      return proven.account
    } catch (error) {
      if (error instanceof SessionLimitError) return refused('too-many-devices')
      // Ended meanwhile, from another device say: what was proven before that does not count, so it is proven again.
      if (!(error instanceof UserChangedError || error instanceof SessionEndedError)) throw error
    }
  }
  return refused('ended-meanwhile')
}

/**
 * Told to whom has the password alone, so it tells nobody else of the account. By the age of the password: whoever knew the
 * former one has used up nothing of the next one.
 */
async function countSignIn({ attempts, config }: Services, account: Account): Promise<Refused | null> {
  const counter = `signed-in:${account.id}:${account.passwordChangedAt}`
  return await countOne(attempts, counter, limitsOf(config).signIns)
}

/** A new device is one whose browser has never signed in to the account before. */
function tellSignIn(services: Services, { id, client }: ServerSession, account: KnownAccount, given: SignIn): void {
  const device = client?.label ?? null
  const network = networkOf(given.address)
  const isNew = services.knownBrowsers.counterOf(given.knownBrowser, account) === null
  tell(services, account.id, { type: 'signed-in', sessionId: id, device, network, isNew })
  if (isNew) alertOwner(services, account, { device, network })
}

/** By mail, where the owner wants it; nobody waits for it. */
function alertOwner(
  services: Services,
  account: KnownAccount,
  { device, network }: { readonly device: string | null; readonly network: string | null },
): void {
  if (!account.alerts) return
  const place = textsIn(account.language ?? 'en').activity.place(device, network)
  mailOwner(services, account, 'new-device', (mails) => mails.newDevice(account.name, place))
}

/** Checks name and password; null where they do not fit. Unknown names and locked accounts cost the same work. */
async function prove(services: Services, { username, password, address, isLocked }: CountedSignIn) {
  const { sessions, accounts, passwords } = services
  const known = await accounts.find(username)
  // Begun before the account is read and the password checked, so that a change or an ending meanwhile wins.
  const attempt = await sessions.begin(known?.id ?? NOBODY)
  const account = await accounts.find(username)
  const fits = await passwords.verify(password, account?.passwordHash ?? null, siteKey(address))
  return account !== null && account.id === known?.id && fits && !isLocked ? { attempt, account } : null
}

/** The person is signed in already, so where this cannot be done it waits for the next time. */
async function rehash(services: Services, { password, address }: SignIn, account: KnownAccount) {
  const { accounts, passwords, log } = services
  if (!passwords.needsRehash(account.passwordHash)) return
  try {
    const hash = await passwords.hash(password, siteKey(address))
    await accounts.replaceHash(account.id, account.passwordHash, hash, 'rehashed')
  } catch (error) {
    if (!noticeOutage(log, error)) throw error
  }
}

/** What of an account its sessions hold. */
const dataOf = ({ name, role, theme, language }: Account): SessionData => ({ name, role, theme, language })
