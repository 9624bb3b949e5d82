import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { type StoreLocation, shownStore } from '../config/store-url.ts'
import type { OpenStore } from './open-store.ts'

/** How long a store keeps the mark by which it is known again, in milliseconds. */
const MARK_KEPT = 60_000

/** Whether two addresses name the same sessions, so far as that can be told before they are opened. */
export async function isSameStore(one: StoreLocation, other: StoreLocation): Promise<boolean> {
  if (one.topology === 'file' && other.topology === 'file') return await isSameFile(one.path, other.path)
  const named = (location: StoreLocation) => [shownStore(location), 'namespace' in location ? location.namespace : '']
  return named(one).join('?') === named(other).join('?')
}

/**
 * Whether two stores are one: a Redis has many names, so it is given a mark under one of them that is looked for under the
 * other. Files were told apart before, and asking one would bring its tables up to date.
 * @throws CoatcheckError where one fails
 */
export async function isOneStore(from: OpenStore, to: OpenStore): Promise<boolean> {
  if (from.system !== 'redis' || to.system !== 'redis') return false
  const at = Date.now()
  const name = `coatcheck.same-${randomUUID()}`
  await to.store.setMark(name, { text: '1', ifText: null, at, until: at + MARK_KEPT })
  return (await from.store.mark(name, at)) !== null
}

/** By any path, links included. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  if (one === other) return true
  const [first, second] = await Promise.all([identityOf(one), identityOf(other)])
  return first !== null && first === second
}

async function identityOf(path: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(path, { bigint: true })
    return `${dev} ${ino}`
  } catch {
    // What is not there, or cannot be looked at, is told by whoever opens it.
    return null
  }
}
