import { runtime } from '#runtime'
import type { Change, Note } from '../../core/store/store.ts'
import { StoreUnavailableError } from '../../errors.ts'
import { type ChangeEntry, notedEntry, noteIn } from '../rules.ts'
import type { Engine, Reply } from './clients.ts'
import type { Keys } from './keys.ts'
import { encodeTime } from './record-value.ts'
import type { Scripts } from './running.ts'
import { decodeOptional, encodeOptional, encodeText, SEPARATOR } from './text.ts'

/** An entry as the log has it, without its count, which scripts may append. */
export function encodeUncounted({ kind, scope, subject, at, reason, keepUntil }: Omit<ChangeEntry, 'count'>): string {
  return [kind, scope, encodeOptional(subject), encodeTime(at), reason, encodeTime(keepUntil)].join(SEPARATOR)
}

export function encodeEntry(entry: ChangeEntry): string {
  return `${encodeUncounted(entry)}${SEPARATOR}${entry.count}`
}

/** Fields of an entry that was written when the log held endings alone, without kind and count. */
const FIELDS_OF_ENDING = 5

function decodeEntry(number: string, text: string): Change {
  const fields = text.split(SEPARATOR)
  if (fields.length === FIELDS_OF_ENDING) fields.unshift('ended')
  const [kind = '', scope = '', subject = '', at = '', reason = '', keepUntil = '', count = '0'] = fields
  return {
    seq: Number(number),
    kind: kind as Change['kind'],
    scope: scope as Change['scope'],
    subject: decodeOptional(subject),
    at: Number.parseInt(at, 36),
    reason: reason as Change['reason'],
    count: Number(count),
    keepUntil: Number.parseInt(keepUntil, 36),
  }
}

/** By what it is known that something was noted. */
function nameOf({ scope, subject }: Note): string {
  return `${scope} ${encodeText(subject)}`
}

/** The change log: a stream in one place, numbered by a counter beside it, so that it has one order. */
export class ChangeLog {
  readonly #engine: Engine
  readonly #scripts: Scripts
  readonly #keys: Keys

  constructor(engine: Engine, scripts: Scripts, keys: Keys) {
    this.#engine = engine
    this.#scripts = scripts
    this.#keys = keys
  }

  /** With `onceAs` an entry is written once, however often it is appended within ten minutes. */
  async append(entry: ChangeEntry, onceAs = ''): Promise<void> {
    const { log, logNumber, logDue, logged } = this.#keys
    await this.#scripts.run(
      'append',
      [log, logNumber, logDue, logged],
      [encodeEntry(entry), String(entry.keepUntil), onceAs],
    )
  }

  async note(entries: readonly Note[]): Promise<void> {
    const { log, logNumber, logDue, noted } = this.#keys
    const args = entries.flatMap((note) => [nameOf(note), String(note.keepUntil), encodeEntry(notedEntry(note))])
    if (args.length > 0) await this.#scripts.run('note', [log, logNumber, logDue, noted], args)
  }

  /** Takes in those that are numbered above the last, and numbers what comes above `last`; answers the last number. */
  async adopt(entries: readonly Change[], last: number): Promise<number> {
    const { log, logNumber, logDue, noted } = this.#keys
    const args = entries.flatMap((entry) => {
      const note = noteIn(entry)
      return [String(entry.seq), encodeEntry(entry), String(entry.keepUntil), note === null ? '' : nameOf(note)]
    })
    const [number] = await this.#scripts.run('adoptEntries', [log, logNumber, logDue, noted], [String(last), ...args])
    return Number(number)
  }

  async since(since: number, limit: number): Promise<readonly Change[]> {
    const { log, logNumber } = this.#keys
    const [last, ...flat] = await this.#scripts.run('entries', [log, logNumber], [String(since), String(limit)])
    if (Number(last) < since) {
      const why = 'Redis has lost the change log: what was read of it before no longer counts.'
      throw new StoreUnavailableError('changes', `store.changes: ${why}`)
    }
    return pairs(flat).map(([number, text]) => decodeEntry(number, text))
  }

  /** The number of the last entry that there has been; 0 for none. */
  async last(): Promise<number> {
    const { logNumber } = this.#keys
    return Number((await this.#engine.send(logNumber, 'GET', logNumber)) ?? 0)
  }

  /** Answers the log's name, by which one that was begun anew is told from the one that is lost. */
  async begin(): Promise<string> {
    const [name] = await this.#scripts.run('begin', [this.#keys.logName], [runtime.random(9)])
    return String(name)
  }

  /** Removes at most `limit` entries whose time has come, and as many notes; `more` where some may be left. */
  async trim(now: number, limit: number): Promise<{ readonly removed: number; readonly more: boolean }> {
    const { log, logDue, noted } = this.#keys
    const [removed, notes] = await this.#scripts.run('trim', [log, logDue, noted], [String(now), String(limit)])
    return { removed: Number(removed), more: Number(removed) === limit || Number(notes) === limit }
  }
}

/** After so many endings the log gets their entry, though more are to come. */
const BATCH = 200

/**
 * Writes the entry of an ending of many: after the first batch, and once more after the last. Who looks between them finds
 * records that are still open, so only an entry behind them all makes it look again. A failure leaves the entry too, because
 * what was done before it stands. `work` says after each part how many it has ended.
 */
export async function endLogged<T>(
  log: ChangeLog,
  entry: ChangeEntry,
  work: (ended: (count: number) => Promise<void>) => Promise<T>,
): Promise<T> {
  let isLogged = false
  let unlogged = 0
  const ended = async (count: number) => {
    unlogged += count
    if (isLogged || unlogged < BATCH) return
    await log.append(entry)
    isLogged = true
    unlogged = 0
  }
  try {
    const result = await work(ended)
    if (!isLogged || unlogged > 0) await log.append(entry)
    return result
  } catch (error) {
    // Callers are told of the first failure; where the log fails as well, repeating the call makes up for it.
    await log.append(entry).catch(() => undefined)
    throw error
  }
}

function pairs(flat: readonly Reply[]): readonly (readonly [string, string])[] {
  return flat.flatMap((number, i) => (i % 2 === 0 ? [[String(number), String(flat[i + 1])] as const] : []))
}
