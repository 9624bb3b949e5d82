import { type Held, isRefused, type Refused } from '../kind.ts'
import { isLive } from '../record/lifecycle.ts'
import type { Context } from './context.ts'

/**
 * Why a session that was live when its request began has run out since, by the timeouts of today: the store judges by those
 * that it holds, which may be longer. Null where it has not. Asks only where it may be so; else it answers at once.
 */
export function hasRunOut(
  { settings, runtime }: Pick<Context, 'settings' | 'runtime'>,
  held: Held,
): Promise<Refused | null> | false {
  if (settings.policy.existing === 'keep' || isLive(held.record, runtime.now())) return false
  return whyOver(held, runtime.now())
}

async function whyOver(held: Held, now: number): Promise<Refused | null> {
  const fresh = await held.kind.load(held)
  if (!isRefused(fresh)) return null
  return fresh.record === null || isLive(fresh.record, now) ? null : fresh
}
