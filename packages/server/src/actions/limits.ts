import { isRefusal, type Limit } from '../accounts/attempts.ts'
import { LIFETIMES } from '../accounts/codes.ts'
import { addressKey, siteKey } from '../audit/networks.ts'
import type { Config } from '../config.ts'
import type { Services } from '../environment.ts'
import { type Refused, refused } from './refusals.ts'
import { FAILURES, HOUR } from './windows.ts'

/**
 * Every limit that is counted in the database, by one name: what refuses somebody goes by these, and the console's page of the
 * policy shows them.
 */
export function limitsOf({ limits }: Pick<Config, 'limits'>) {
  const { failuresPerAccount, failuresPerAddress, signupsPerAddress, signInsPerAccount, changesPerAccount } = limits
  return {
    /** Of a name, an account, a known browser, and of an account that is to prove its password. */
    failures: { most: failuresPerAccount, window: FAILURES },
    addressFailures: { most: failuresPerAddress, window: FAILURES },
    signIns: { most: signInsPerAccount, window: HOUR },
    signups: { most: signupsPerAddress, window: HOUR },
    /** Sign-ups from one address with names that are taken. */
    takenNames: { most: 50, window: HOUR },
    /** From one address. */
    setUps: { most: 10, window: FAILURES },
    /** Of each thing that an account does to itself. */
    changes: { most: changesPerAccount, window: HOUR },
    /** Who administers has many accounts to change. */
    administering: { most: changesPerAccount * 10, window: HOUR },
    /** To one address, and for one account. */
    verificationMails: { most: 5, window: HOUR },
    /** From one address of the network: several people may share it. */
    resetRequests: { most: 20, window: HOUR },
    /**
     * To one account, in the time for which a link counts, so that at any moment another one can be sent or the last one counts,
     * however often strangers ask. As many again for browsers that have signed in to it, which strangers have not.
     */
    resetMails: { most: 3, window: LIFETIMES.reset },
  } as const satisfies Readonly<Record<string, Limit>>
}

export type LimitName = keyof ReturnType<typeof limitsOf>

/** How many times the budget of one network of 64 bits a whole site of 48 bits has. Many customers may share one. */
const SITE = 10

type Counted = Parameters<Services['attempts']['take']>[0][number]

/** What a client's attempts are counted under: its address, and of IPv6 the site that it belongs to as well. */
export function countedFrom(what: string, address: string, { most, window }: Limit): readonly Counted[] {
  const [own, site] = [addressKey(address), siteKey(address)]
  const counted: Counted = [`${what}:${own}`, { most, window }]
  return site === own ? [counted] : [counted, [`${what}:${site}`, { most: most * SITE, window }]]
}

/** What an account can do as often as it likes unless it is counted, since each writes to the audit log. */
export type RepeatedAct = 'preferences' | 'devices' | 'email' | 'password' | 'reauthenticate' | 'administer'

/**
 * Counts something that an account does: each act so often in an hour, so that nobody fills the disk, or drowns in the audit
 * log what happened before. Null where it may be done.
 */
export async function countAct(
  { attempts, config }: Pick<Services, 'attempts' | 'config'>,
  act: RepeatedAct,
  userId: string,
): Promise<Refused | null> {
  const limits = limitsOf(config)
  const limit = act === 'administer' ? limits.administering : limits.changes
  return await countOne(attempts, `act:${act}:${userId}`, limit)
}

/** Counts something under one key; null where it may be done. */
export async function countOne(attempts: Services['attempts'], counter: string, limit: Limit): Promise<Refused | null> {
  const counted = await attempts.take([[counter, limit]])
  return isRefusal(counted) ? refused('too-many-attempts', counted.retryAfter) : null
}
