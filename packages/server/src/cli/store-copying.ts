import { CoatcheckError, type StoreMarks } from 'coatcheck'
import { type CopyProgress, copyStore } from 'coatcheck/stores/moving'
import { readConfig } from '../config.ts'
import { databaseIn } from '../data-folder.ts'
import type { Given } from './command.ts'
import { CliError } from './faults.ts'
import { requireData } from './opening.ts'
import { openPlace, type StorePlace } from './store-place.ts'

/** The mark by which a copy that was broken off is gone on with; it is kept for a week, in milliseconds. */
const MARK = 'store-copy'
const MARK_KEPT = 7 * 24 * 60 * 60_000

/** How far a copy has come. */
interface Stand {
  readonly from: string
  readonly cursor: string | null
  readonly done: number
}

/** `coatcheck store copy`. @throws CliError */
export async function copySessions({ value, output }: Given): Promise<void> {
  const target = value('to')
  if (target === null) throw new CliError('--to has to say where the sessions move to.', 2, 'store copy')
  process.umask(0o077)
  const from = await openPlace(value('from') ?? (await ownSessions()))
  try {
    const to = await openPlace(target, { mayBeNew: true })
    try {
      if (to.shown === from.shown) throw new CliError(`The sessions are in ${to.shown} already.`)
      const progress = output.progress('Copying')
      const result = await copy(from, to, progress.at).finally(progress.end)
      output.facts({ ...result })
      if (result.behind > 0) throw new CliError(behindSentence(result.behind, from, to))
    } finally {
      await to.close()
    }
  } finally {
    await from.close()
  }
}

async function ownSessions(): Promise<string> {
  const { data } = readConfig()
  await requireData(data)
  return `sqlite:${databaseIn(data)}`
}

async function copy(from: StorePlace, to: StorePlace, at: (done: number, total: number) => void) {
  try {
    const before = await standOf(to.store, from.shown)
    let noting = Promise.resolve()
    const result = await copyStore(from.store, to.store, {
      cursor: before.cursor,
      onProgress(progress) {
        const done = progress.done + (progress.phase === 'copying' ? before.done : 0)
        // The look at all is as long as the copy, and on the same bar.
        at(progress.phase === 'copying' ? done : progress.total + done, 2 * progress.total)
        noting = noting.then(() => note(to.store, from.shown, { ...progress, done }))
      },
    })
    await noting
    return result
  } catch (error) {
    if (!(error instanceof CoatcheckError)) throw error
    throw new CliError(`${error.message} What was copied stays: the same command goes on.`)
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

function behindSentence(behind: number, from: StorePlace, to: StorePlace): string {
  const what = behind === 1 ? 'One session was' : `${behind} sessions were`
  return `${what} changed in ${from.shown} after it was copied to ${to.shown}, so a server works with the old store alone. Stop it, start it with both, and see docs/guides/moving.md.`
}
