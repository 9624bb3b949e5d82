import { CoatcheckError, type StoreMarks } from 'coatcheck'
import { type CopyProgress, copyStore } from 'coatcheck/stores/moving'
import { isThere } from '../backup/backing-up.ts'
import { parseAnyStoreUrl, type StoreLocation, shownStore } from '../config/store-url.ts'
import { type Config, ConfigError, readConfig } from '../config.ts'
import { databaseOf } from '../data-folder.ts'
import type { OpenStore } from '../session-store/open-store.ts'
import { openLocation } from '../session-store/opening.ts'
import { isOneStore, isSameStore } from '../session-store/same-store.ts'
import { storeTrouble } from '../session-store/store-trouble.ts'
import type { Given } from './command.ts'
import { CliError } from './faults.ts'
import { requireData } from './opening.ts'
import { record } from './recording.ts'

/** The mark by which a copy that was broken off is gone on with; it is kept for a week, in milliseconds. */
const MARK = 'store-copy'
const MARK_KEPT = 7 * 24 * 60 * 60_000

/** How far a copy has come. */
interface Stand {
  readonly from: string
  readonly cursor: string | null
  readonly done: number
}

/** `coatcheck store copy`. @throws CliError, ConfigError */
export async function copySessions({ value, output }: Given): Promise<void> {
  process.umask(0o077)
  const config = readConfig()
  const { source, target } = await ends(config, value('from'), value('to'))
  const [from, to] = [shownStore(source), shownStore(target)]
  const there = new CliError(`The sessions are in ${to} already.`)
  if (await isSameStore(source, target)) throw there
  if (source.topology === 'file' && !(await isThere(source.path)))
    throw new CliError(`There is no file ${source.path}.`)
  const old = await opened(source)
  try {
    const fresh = await opened(target)
    try {
      if (await isOneStore(old, fresh)) throw there
      const progress = output.progress('Copying')
      const result = await copy(old, fresh, from, progress.at).finally(progress.end)
      // Between stores of an application that uses the library alone there is no audit log.
      if (await isThere(databaseOf(config))) {
        await record(config, { type: 'sessions-copied', from, to, copied: result.copied }, output)
      }
      output.facts({ ...result })
      if (result.behind > 0) throw new CliError(behindSentence(result.behind, from, to))
    } finally {
      await closed(fresh)
    }
  } finally {
    await closed(old)
  }
}

/** What the options do not say the settings do: while servers move, both; else where the sessions are. */
async function ends(
  config: Config,
  from: string | null,
  to: string | null,
): Promise<{ readonly source: StoreLocation; readonly target: StoreLocation }> {
  const own: StoreLocation = config.store ?? { topology: 'file', path: databaseOf(config) }
  const target = to === null ? config.movingFrom && own : locationOf(to)
  if (target === null) throw new CliError('--to has to say where the sessions move to.', 2, 'store copy')
  if (from !== null) return { source: locationOf(from), target }
  const source = config.movingFrom ?? own
  if (source.topology === 'file' && config.movingFrom === null) await requireData(config)
  return { source, target }
}

function locationOf(url: string): StoreLocation {
  const location = parseAnyStoreUrl(url)
  if (location !== null) return location
  const forms = 'sqlite:PATH, redis://HOST:PORT, rediss://…, redis+cluster://… or redis+sentinel://…'
  throw new CliError(`The address of a store is ${forms}.`, 2, 'store copy')
}

/** What is in the way may be an address that no setting has. */
async function opened(location: StoreLocation): Promise<OpenStore> {
  try {
    return await openLocation(location)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new CliError(error.message.replaceAll('COATCHECK_STORE_URL', 'its address'))
  }
}

async function closed({ store, disconnect }: OpenStore): Promise<void> {
  await store.close()
  disconnect()
}

async function copy(from: OpenStore, to: OpenStore, source: string, at: (done: number, total: number) => void) {
  try {
    const before = await standOf(to.store, source)
    let noting = Promise.resolve()
    const result = await copyStore(from.store, to.store, {
      cursor: before.cursor,
      onProgress(progress) {
        const done = progress.done + (progress.phase === 'copying' ? before.done : 0)
        // The look at all is as long as the copy, and on the same bar.
        at(progress.phase === 'copying' ? done : progress.total + done, 2 * progress.total)
        noting = noting.then(() => note(to.store, source, { ...progress, done }))
      },
    })
    await noting
    return result
  } catch (error) {
    if (!(error instanceof CoatcheckError)) throw error
    throw new CliError(`A store failed: ${storeTrouble(error)}. What was copied stays: the same command goes on.`)
  }
}

async function standOf(store: StoreMarks, from: string): Promise<Stand> {
  const text = await store.mark(MARK, Date.now())
  const stand = text === null ? null : (JSON.parse(text) as Stand)
  return stand?.from === from ? stand : { from, cursor: null, done: 0 }
}

/** A copy that is over leaves the beginning. */
async function note(store: StoreMarks, from: string, { phase, cursor, done }: CopyProgress): Promise<void> {
  const stand: Stand = phase === 'copying' && cursor !== null ? { from, cursor, done } : { from, cursor: null, done: 0 }
  const at = Date.now()
  const ifText = await store.mark(MARK, at)
  await store.setMark(MARK, { text: JSON.stringify(stand), ifText, at, until: at + MARK_KEPT })
}

function behindSentence(behind: number, from: string, to: string): string {
  const what = behind === 1 ? 'One session was' : `${behind} sessions were`
  return `${what} changed in ${from} after it was copied to ${to}, so a server works with the old store alone. Stop it, start it with both, and see docs/guides/moving.md.`
}
