import { isRefusal, type Limit } from '../accounts/attempts.ts'
import { addressKey, siteKey } from '../audit/networks.ts'
import type { Services } from '../environment.ts'
import { type Refused, refused } from './refusals.ts'
import { HOUR } from './windows.ts'

/** How many times the budget of one network of 64 bits a whole site of 48 bits has. Many customers may share one. */
const SITE = 10

type Counted = Parameters<Services['attempts']['take']>[0][number]

/** What a client's attempts are counted under: its address, and of IPv6 the site that it belongs to as well. */
export function countedFrom(what: string, address: string, { most, window }: Limit): readonly Counted[] {
  const [own, site] = [addressKey(address), siteKey(address)]
  const counted: Counted = [`${what}:${own}`, { most, window }]
  return site === own ? [counted] : [counted, [`${what}:${site}`, { most: most * SITE, window }]]
}

/**
 * What an account can do as often as it likes unless it is counted, since each writes to the audit log; and how many times
 * the limit of the settings it may be done. Who administers has many accounts to change.
 */
const REPEATED = { preferences: 1, devices: 1, email: 1, password: 1, reauthenticate: 1, administer: 10 } as const

export type RepeatedAct = keyof typeof REPEATED

/**
 * Counts something that an account does: each act so often in an hour, so that nobody fills the disk, or drowns in the audit
 * log what happened before. Null where it may be done.
 */
export async function countAct(
  { attempts, config }: Pick<Services, 'attempts' | 'config'>,
  act: RepeatedAct,
  userId: string,
): Promise<Refused | null> {
  const most = config.limits.changesPerAccount * REPEATED[act]
  return await countHourly(attempts, `act:${act}:${userId}`, most)
}

/** Counts what is done at most `most` times in an hour; null where it may be done. */
export async function countHourly(
  attempts: Services['attempts'],
  counter: string,
  most: number,
): Promise<Refused | null> {
  const counted = await attempts.take([[counter, { most, window: HOUR }]])
  return isRefusal(counted) ? refused('too-many-attempts', counted.retryAfter) : null
}
