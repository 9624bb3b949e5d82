import { SessionEndedError, SessionLimitError, UserChangedError } from 'coatcheck'
import { type Account, type KnownAccount, typedKey } from '../accounts/accounts.ts'
import { isRefusal } from '../accounts/attempts.ts'
import { addressKey, networkOf } from '../audit/networks.ts'
import type { ServerSession, Services, SessionData } from '../environment.ts'
import { noticeOutage } from '../log.ts'
import { compose } from '../mail/composing.tsx'
import { textsIn } from '../texts/index.ts'
import { type Refused, refused, wasRefused } from './refusals.ts'
import { tell } from './telling.ts'
import { FAILURES } from './windows.ts'

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
  let isFailure = false
  try {
    const outcome = await signInCounted(services, session, given)
    isFailure = wasRefused(outcome) && outcome.refused === 'invalid-credentials'
    if (isFailure) await tellFailure(services, given)
    return outcome
  } finally {
    if (!isFailure) await counted.giveBack()
  }
}

/**
 * A browser that has signed in to the account before is counted by itself: who guesses elsewhere cannot lock its owner out.
 * Others are counted by the account, and where there is none by the name as it was typed, so that the limit tells nothing of
 * accounts.
 */
async function countAttempt(services: Services, { username, address, knownBrowser }: SignIn) {
  const { accounts, attempts, knownBrowsers, config } = services
  const { limits } = config
  const account = await accounts.find(username)
  const counter = knownBrowser === '' ? null : knownBrowsers.counterOf(knownBrowser, account)
  if (counter !== null) return await attempts.take([[counter, { most: limits.failuresPerAccount, window: FAILURES }]])
  return await attempts.take([
    [`sign-in:${account?.id ?? typedKey(username)}`, { most: limits.failuresPerAccount, window: FAILURES }],
    [`sign-in-from:${addressKey(address)}`, { most: limits.failuresPerAddress, window: FAILURES }],
  ])
}

/** Told to the account that has the name, so that its owner can see it; nobody else can. */
async function tellFailure(services: Services, { username, address }: SignIn): Promise<void> {
  const account = await services.accounts.find(username)
  const network = networkOf(address)
  tell(services, account?.id ?? null, { type: 'sign-in-failed', reason: 'invalid-credentials', network })
}

async function signInCounted(services: Services, session: ServerSession, given: SignIn): Promise<Account | Refused> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const proven = await prove(services, given)
    if (proven === null) return refused('invalid-credentials')
    if (proven.account.disabledAt !== null) return refused('account-disabled')
    try {
      await session.signIn(proven.attempt, {
        data: dataOf(proven.account),
        assurance: { level: 1, methods: ['pwd'] },
      })
      await rehash(services, given.password, proven.account)
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
  { background, mail }: Services,
  { name, email, alerts, language }: KnownAccount,
  { device, network }: { readonly device: string | null; readonly network: string | null },
): void {
  if (mail === null || email === null || !email.isVerified || !alerts) return
  const place = textsIn(language ?? 'en').activity.place(device, network)
  const message = compose(email.address, language ?? 'en', ({ newDevice }) => newDevice(name, place))
  background.run('new-device', () => mail.send(message))
}

/** Checks name and password; null where they do not fit. Unknown names cost the same work. */
async function prove({ sessions, accounts, passwords }: Services, { username, password }: SignIn) {
  const known = await accounts.find(username)
  // Begun before the account is read and the password checked, so that a change or an ending meanwhile wins.
  const attempt = await sessions.begin(known?.id ?? NOBODY)
  const account = await accounts.find(username)
  const fits = await passwords.verify(password, account?.passwordHash ?? null)
  return account !== null && account.id === known?.id && fits ? { attempt, account } : null
}

/** The person is signed in already, so where this cannot be done it waits for the next time. */
async function rehash(services: Services, password: string, account: KnownAccount) {
  const { accounts, passwords, log } = services
  if (!passwords.needsRehash(account.passwordHash)) return
  try {
    const hash = await passwords.hash(password)
    await accounts.replaceHash(account.id, account.passwordHash, hash, 'rehashed')
  } catch (error) {
    if (!noticeOutage(log, error)) throw error
  }
}

/** What of an account its sessions hold. */
const dataOf = ({ name, role, theme, language }: Account): SessionData => ({ name, role, theme, language })
