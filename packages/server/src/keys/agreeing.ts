import { CoatcheckError, keyIds, type StoreMarks } from 'coatcheck'
import { ConfigError } from '../config.ts'
import { type Log, noticeOutage } from '../log.ts'
import type { KeyKeeper } from './keeping.ts'
import { keysOf } from './key-file.ts'

/** The mark that has the fingerprints of the keys, newest first. */
const MARK = 'coatcheck.keys'
/** How often a server looks whether another one has other keys, in milliseconds. */
const INTERVAL = 1_000
/** How often somebody else may be faster than us with the mark. */
const TRIES = 10

/**
 * Whether the servers of one store have the same keys. `behind`: keys of others are missing here, with which no tokens are
 * made yet. `apart`: tokens that others make do not count here, or ours not with them.
 */
export type KeysAccord = 'agreed' | 'behind' | 'apart'

/** Each by fingerprints, newest first. */
export function accordOf(own: readonly string[], others: readonly string[]): KeysAccord {
  const [ours = '', theirs = ''] = [own[0], others[0]]
  if (!own.includes(theirs) || !others.includes(ours)) return 'apart'
  return others.every((id) => own.includes(id)) ? 'agreed' : 'behind'
}

/** The keys of this server beside those of all others, kept in the store of the sessions. */
export interface KeyAgreement {
  /** Whether there can be no others. */
  readonly isSole: boolean
  readonly accord: () => KeysAccord
  /** Tells the others that these are the keys from now on, where they were the same as ours before. */
  readonly follow: (keys: string) => Promise<void>
  /** Tells the others so whatever they have. */
  readonly claim: () => Promise<void>
  /** Looks no more; answers when nothing of it is under way. */
  readonly close: () => Promise<void>
}

/** Nobody else can have other keys, where the store lies beside the key file. */
export const soleKeys: KeyAgreement = {
  isSole: true,
  accord: () => 'agreed',
  follow: async () => undefined,
  claim: async () => undefined,
  close: async () => undefined,
}

/** The fingerprints that servers have told each other, newest first; null where none has. */
export async function keysOfStore(store: StoreMarks): Promise<readonly string[] | null> {
  return (await store.mark(MARK, Date.now()))?.split(' ') ?? null
}

/**
 * Joins the servers of a store. Keys that nobody is without are told to the others. `isClaiming`: with any keys, because
 * they are about to be claimed.
 * `every`: how often it looks, in milliseconds.
 * @throws ConfigError where this server would sign people out whom others have signed in
 */
export async function joinKeys(
  store: StoreMarks,
  { keys, keyFile }: { readonly keys: string; readonly keyFile: string },
  log: Pick<Log, 'notice' | 'info'>,
  isClaiming = false,
  every = INTERVAL,
): Promise<KeyAgreement> {
  let own = await keyIds(keysOf(keys))
  let accord: KeysAccord = 'agreed'
  /** What the mark was when it was last judged. */
  let judged: readonly string[] = own
  let looking: Promise<void> | null = null
  /** Others may know of a key for a moment before this server has looked into its own file. */
  let isSuspected = false

  const read = () => keysOfStore(store)

  /** Sets the mark where `may` lets it, by what the mark is now; answers what it is then. */
  async function settle(may: (others: readonly string[]) => boolean): Promise<readonly string[]> {
    const text = own.join(' ')
    for (let tries = 0; tries < TRIES; tries++) {
      const others = await read()
      if (others !== null && (others.join(' ') === text || !may(others))) return others
      if (await store.setMark(MARK, { text, ifText: others?.join(' ') ?? null, at: Date.now() })) return own
    }
    throw new ConfigError('Other servers change the keys all the time: start again when they are done.')
  }

  function judge(others: readonly string[]): void {
    const found = accordOf(own, others)
    if (found !== 'agreed') log.notice(`keys-${found}`, describe(found, own, others, keyFile))
    else if (accord !== 'agreed') log.info('The keys are those of the other servers again.')
    accord = found
    judged = others
  }

  /** For newcomers, who would tell other keys where there are none; unless ours are not those of the others. */
  async function tellAgain(): Promise<void> {
    if (accord === 'apart') return
    const isTold = await store.setMark(MARK, { text: judged.join(' '), ifText: null, at: Date.now() })
    if (isTold) log.info('The store of the sessions had lost which keys the servers have, and was told again.')
  }

  async function look(): Promise<void> {
    const others = await read()
    if (others === null) return await tellAgain()
    const isNew = accord === 'agreed' && accordOf(own, others) !== 'agreed'
    if (!isNew || isSuspected) judge(others)
    isSuspected = isNew
  }

  const knowsAll = (others: readonly string[]) => others.every((id) => own.includes(id))
  // An old key that the others have let go is no reason to give it back to them.
  const others = await settle((found) => knowsAll(found) && accordOf(own, found) === 'apart')
  if (!isClaiming && accordOf(own, others) === 'apart') throw otherKeys(own, others, keyFile)
  judge(others)

  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: unknown) => {
        if (!noticeOutage(log, error)) log.notice('store-failed', String(error))
      })
      .finally(() => {
        looking = null
      })
  }, every)
  timer.unref()

  return {
    isSole: false,
    accord: () => accord,
    async follow(text) {
      const before = own.join(' ')
      own = await keyIds(keysOf(text))
      judge(await settle((found) => found.join(' ') === before || knowsAll(found)))
    },
    async claim() {
      judge(await settle(() => true))
    },
    async close() {
      clearInterval(timer)
      await looking
    },
  }
}

/** The keys were changed, and the others could not be told of it. `cause` is the store's fault. */
export class UntoldError extends Error {
  override readonly name = 'UntoldError'
  declare readonly cause: CoatcheckError
  /** What the change answers. */
  readonly changed: unknown

  constructor(changed: unknown, cause: CoatcheckError) {
    super('The keys are changed, and the other servers were not told.', { cause })
    this.changed = changed
  }
}

/** Tells the others of every change of the keys. It throws UntoldError where the store cannot take that. */
export function tellingOthers(keeper: KeyKeeper, tell: () => Promise<void>): KeyKeeper {
  const andTell =
    <Args extends readonly unknown[], T>(change: (...args: Args) => Promise<T>) =>
    async (...args: Args) => {
      const changed = await change(...args)
      try {
        await tell()
      } catch (error) {
        throw error instanceof CoatcheckError ? new UntoldError(changed, error) : error
      }
      return changed
    }
  return {
    ...keeper,
    add: andTell(keeper.add),
    promote: andTell(keeper.promote),
    retire: andTell(keeper.retire),
  }
}

const COPY = 'copy the key file of a server that works'

function describe(accord: 'behind' | 'apart', own: readonly string[], others: readonly string[], keyFile: string) {
  const missing = others.filter((id) => !own.includes(id))
  if (accord === 'behind') {
    return `${keyFile} lacks ${missing.join(', ')}, with which other servers will sign people in: ${COPY}`
  }
  if (missing.includes(others[0] ?? '')) {
    return `${keyFile} lacks ${missing.join(', ')}, with which other servers sign people in, who are signed out here: ${COPY}`
  }
  return `other servers lack ${own[0]}, with which this one signs people in, who are signed out there: ${COPY}`
}

function otherKeys(own: readonly string[], others: readonly string[], keyFile: string): ConfigError {
  return new ConfigError(
    `Other servers of these sessions have the keys ${others.join(', ')}, and ${keyFile} has ${own.join(', ')}, so that each would sign out whom the other signs in: ${COPY}, or, where there is none, run coatcheck keys claim.`,
  )
}
