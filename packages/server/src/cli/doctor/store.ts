import {
  hasDamage,
  hasTransfer,
  keyIds,
  type Page,
  type SessionRecord,
  type StoreDamage,
  type StoreMarks,
  type StoreTransfer,
} from 'coatcheck'
import { isThere } from '../../backup/backing-up.ts'
import { shownStore } from '../../config/store-url.ts'
import { type Config, ConfigError } from '../../config.ts'
import { databaseOf, readKeyFile } from '../../data-folder.ts'
import { accordOf, keysOfStore } from '../../keys/agreeing.ts'
import { keysOf } from '../../keys/key-file.ts'
import { openStore } from '../../session-store/opening.ts'
import { outageSentence } from '../../session-store/store-trouble.ts'
import { type Finding, well, wrong } from './finding.ts'

/**
 * The stores of the sessions that are not the file: whether they may keep them, whether the servers of a Redis have the keys of
 * this one, and whether sessions are on the move.
 */
export async function storeFindings(config: Config, keyFile: string): Promise<readonly Finding[]> {
  const { store: location, movingFrom } = config
  // Nothing is opened that would be made by it.
  if (location === null && (movingFrom === null || !(await isThere(databaseOf(config))))) return []
  const to = location === null ? 'the file' : shownStore(location)
  try {
    const { store, disconnect } = await openStore(config, databaseOf(config))
    try {
      return [
        ...(location === null ? [] : [well('store', `${to} answers`), ...(await accordFindings(store, keyFile))]),
        ...(hasTransfer(store) && hasDamage(store) ? [await damageFinding(store)] : []),
        ...(movingFrom === null ? [] : [well('moving', movingSentence(shownStore(movingFrom), to))]),
      ]
    } finally {
      await store.close()
      disconnect()
    }
  } catch (error) {
    const outage = outageSentence(error)
    if (outage !== null) return [wrong('store', outage, 'Mend that, and run this again.')]
    if (!(error instanceof ConfigError)) throw error
    const [found = '', ...remedy] = error.message.split(': ')
    return [wrong('store', `${found}.`, remedy.join(': '))]
  }
}

function movingSentence(from: string, to: string): string {
  return `sessions move from ${from} to ${to}; when coatcheck store copy finds nothing behind, leave COATCHECK_STORE_MOVING_FROM away`
}

/** Milliseconds after which the look at all records is broken off. */
const LONGEST_LOOK = 60_000
/** Damaged records that are named. */
const MOST_NAMED = 10

/** Reads every record, which is how a damaged one is found. */
async function damageFinding(store: StoreTransfer & StoreDamage): Promise<Finding> {
  const damaged: string[] = []
  const stop = store.onDamaged((sessionId) => damaged.push(sessionId))
  const signal = AbortSignal.timeout(LONGEST_LOOK)
  let seen = 0
  let cursor: string | null = null
  do {
    const page: Page<SessionRecord> = await store.scan({ cursor })
    seen += page.items.length
    cursor = page.cursor
  } while (cursor !== null && !signal.aborted)
  stop()
  const looked = cursor === null ? `all ${seen} records` : `the first ${seen} records, in a minute`
  if (damaged.length === 0) return well('records', `none is damaged of ${looked}`)
  const named = damaged.slice(0, MOST_NAMED).join(', ') + (damaged.length > MOST_NAMED ? ', …' : '')
  return wrong(
    'records',
    `${damaged.length} cannot be read of ${looked}: ${named}.`,
    'They count as none. Remove each with coatcheck sessions revoke ID.',
  )
}

async function accordFindings(store: StoreMarks, keyFile: string): Promise<readonly Finding[]> {
  const others = await keysOfStore(store)
  // A key file that cannot be used is a finding of its own.
  const own = await readKeyFile(keyFile)
    .then((text) => keyIds(keysOf(text)))
    .catch(() => null)
  if (others === null || own === null) return []
  if (accordOf(own, others) === 'agreed') return [well('accord', 'all servers of the sessions have the same keys')]
  return [
    wrong(
      'accord',
      `Servers of the sessions have the keys ${others.join(', ')}, and this one has ${own.join(', ')}.`,
      'Copy the key file of a server that works, or, where there is none, run coatcheck keys claim.',
    ),
  ]
}
