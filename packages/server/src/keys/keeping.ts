import { keyIds } from 'coatcheck'
import type { Database } from '../accounts/database.ts'
import { LONGEST_START } from '../accounts/faults.ts'
import { inTransaction } from '../accounts/transaction.ts'
import { readKeyFile } from '../data-folder.ts'
import { keysOf, newKey, writeKeys } from './key-file.ts'
import { forgetKey, type KeyUse, noteAdded, noteKeys, noteUsed, readKeyUses } from './key-uses.ts'

/** How long a key has to be known before tokens are made with it: each server has taken it up by then. In milliseconds. */
const TAKEN_UP = 5_000

/** A key of the key file, by its fingerprint. */
export interface KnownKey extends KeyUse {
  readonly id: string
  /** `newest` makes tokens; `needed`: tokens of it may be in use until `neededUntil`; `free`: it can go. */
  readonly state: 'newest' | 'needed' | 'free'
  /** Epoch milliseconds; null where it is `newest` or `free`. */
  readonly neededUntil: number | null
}

/** The signing keys as an operator changes them. Commands at once take turns, in any process. */
export interface KeyKeeper {
  /** Newest first. */
  readonly list: () => Promise<readonly KnownKey[]>
  /** Makes a key that is accepted everywhere before tokens are made with it, and answers it. */
  readonly add: () => Promise<KnownKey>
  /** Makes tokens with it from now on. `too-new`: not every server may have taken it up before `readyAt`. */
  readonly promote: (
    id: string,
  ) => Promise<
    { readonly outcome: 'promoted' | 'already' | 'missing' } | { readonly outcome: 'too-new'; readonly readyAt: number }
  >
  /** Takes a key away: `by force` also where tokens of it may be in use, but never the only one. */
  readonly retire: (
    id: string,
    how?: 'by force' | 'where free',
  ) => Promise<
    { readonly outcome: 'retired' | 'missing' | 'only' } | { readonly outcome: 'in-use'; readonly key: KnownKey }
  >
  /** Remembers which keys a server works with now. `before`: its newest until now. */
  readonly takenUp: (keys: string, before: string | null) => Promise<void>
  /** Remembers that a token of the key was accepted. */
  readonly used: (id: string) => Promise<void>
}

interface Held {
  readonly id: string
  readonly text: string
}

/** `absolute`: how long a session lives at most, in milliseconds. */
export function makeKeyKeeper(
  db: Database,
  keyFile: string,
  absolute: number,
  now: () => number = Date.now,
): KeyKeeper {
  /** While nobody else changes the keys: those that the file holds, and what is remembered of them. */
  const exclusively = <T>(work: (connection: Database, held: readonly Held[]) => Promise<T>) =>
    inTransaction(db, LONGEST_START, async (connection) => {
      const texts = keysOf(await readKeyFile(keyFile))
      const ids = await keyIds(texts)
      await noteKeys(connection, ids, now())
      return await work(
        connection,
        texts.map((text, place) => ({ text, id: ids[place] ?? '' })),
      )
    })

  const listed = async (connection: Database, ids: readonly string[]) => {
    const uses = await readKeyUses(connection)
    const unknown = { addedAt: now(), newestAt: null, lastUsedAt: null }
    return ids.map((id, place) => knownKey(id, place, uses.get(id) ?? unknown, absolute, now()))
  }

  const exchange = async (connection: Database, held: readonly Held[]) => {
    await noteKeys(
      connection,
      held.map(({ id }) => id),
      now(),
    )
    // Last, so that what fails before leaves the file as it is.
    await writeKeys(
      keyFile,
      held.map(({ text }) => text),
    )
  }

  return {
    list: () =>
      exclusively((connection, held) =>
        listed(
          connection,
          held.map(({ id }) => id),
        ),
      ),

    add: () =>
      exclusively(async (connection, held) => {
        const text = newKey()
        const [id = ''] = await keyIds(text)
        await noteAdded(connection, id, now())
        const [newest, ...others] = held
        await exchange(connection, [...(newest === undefined ? [] : [newest]), { id, text }, ...others])
        return knownKey(id, 1, { addedAt: now(), newestAt: null, lastUsedAt: null }, absolute, now())
      }),

    promote: (id) =>
      exclusively(async (connection, held) => {
        const all = await listed(
          connection,
          held.map((one) => one.id),
        )
        const wanted = all.find((one) => one.id === id)
        if (wanted === undefined) return { outcome: 'missing' }
        if (wanted.state === 'newest') return { outcome: 'already' }
        const readyAt = wanted.addedAt + TAKEN_UP
        if (readyAt > now() && readyAt <= now() + TAKEN_UP) return { outcome: 'too-new', readyAt }
        await exchange(connection, [...held.filter((one) => one.id === id), ...held.filter((one) => one.id !== id)])
        return { outcome: 'promoted' }
      }),

    retire: (id, how = 'where free') =>
      exclusively(async (connection, held) => {
        if (!held.some((one) => one.id === id)) return { outcome: 'missing' }
        if (held.length === 1) return { outcome: 'only' }
        const all = await listed(
          connection,
          held.map((one) => one.id),
        )
        const key = all.find((one) => one.id === id)
        if (key !== undefined && key.state !== 'free' && how !== 'by force') return { outcome: 'in-use', key }
        await forgetKey(connection, id)
        await exchange(
          connection,
          held.filter((one) => one.id !== id),
        )
        return { outcome: 'retired' }
      }),

    async takenUp(keys, before) {
      const ids = await keyIds(keysOf(keys))
      await inTransaction(db, LONGEST_START, async (connection) => {
        await noteKeys(connection, ids, now())
        if (before !== null && before !== ids[0]) await noteUsed(connection, before, now())
      })
    },

    used: (id) => inTransaction(db, LONGEST_START, (connection) => noteUsed(connection, id, now())),
  }
}

function knownKey(id: string, place: number, use: KeyUse, absolute: number, now: number): KnownKey {
  if (place === 0) return { id, ...use, state: 'newest', neededUntil: null }
  const neededUntil = use.lastUsedAt === null ? null : use.lastUsedAt + absolute
  if (neededUntil === null || neededUntil <= now) return { id, ...use, state: 'free', neededUntil: null }
  return { id, ...use, state: 'needed', neededUntil }
}
