import { runtime } from '#runtime'
import type { EndReason } from '../../core/record.ts'
import type { EndRequest, Revocation } from '../../core/store.ts'
import { StoreUnavailableError } from '../../errors.ts'
import type { Engine, Reply } from './clients.ts'
import type { Keys } from './keys.ts'
import { encodeTime } from './record-value.ts'
import type { Scripts } from './running.ts'
import { decodeOptional, encodeOptional, SEPARATOR } from './text.ts'

type Entry = Omit<Revocation, 'seq'>

export function logEntry(scope: Entry['scope'], subject: string | null, { at, reason, keepUntil }: EndRequest): string {
  return [scope, encodeOptional(subject), encodeTime(at), reason, encodeTime(keepUntil)].join(SEPARATOR)
}

function decodeEntry(number: string, text: string): Revocation {
  const [scope = '', subject = '', at = '', reason = '', keepUntil = ''] = text.split(SEPARATOR)
  return {
    seq: Number(number),
    scope: scope as Revocation['scope'],
    subject: decodeOptional(subject),
    at: Number.parseInt(at, 36),
    reason: reason as EndReason,
    keepUntil: Number.parseInt(keepUntil, 36),
  }
}

/** The revocation log: a stream in one place, numbered by a counter beside it, so that it has one order. */
export class RevocationLog {
  readonly #engine: Engine
  readonly #scripts: Scripts
  readonly #keys: Keys

  constructor(engine: Engine, scripts: Scripts, keys: Keys) {
    this.#engine = engine
    this.#scripts = scripts
    this.#keys = keys
  }

  /** A session's once, however often it is said within ten minutes. */
  async append(scope: Entry['scope'], subject: string | null, request: EndRequest): Promise<void> {
    const { log, logNumber, logged } = this.#keys
    const args = [
      logEntry(scope, subject, request),
      String(request.keepUntil),
      scope === 'session' ? encodeOptional(subject) : '',
    ]
    await this.#scripts.run('append', [log, logNumber, logged], args)
  }

  /** Takes in those that are numbered above the last, and numbers what comes above `last`; answers the last number. */
  async adopt(entries: readonly Revocation[], last: number): Promise<number> {
    const { log, logNumber } = this.#keys
    const args = entries.flatMap(({ seq, scope, subject, at, reason, keepUntil }) => {
      const text = logEntry(scope, subject, { at, reason, note: null, keepUntil })
      return [String(seq), text, String(keepUntil)]
    })
    const [number] = await this.#scripts.run('adoptEntries', [log, logNumber], [String(last), ...args])
    return Number(number)
  }

  async since(since: number, limit: number): Promise<readonly Revocation[]> {
    const { log, logNumber } = this.#keys
    const [last, ...flat] = await this.#scripts.run('entries', [log, logNumber], [String(since), String(limit)])
    if (Number(last) < since) {
      const why = 'Redis has lost the revocation log: what was read of it before no longer counts.'
      throw new StoreUnavailableError('revocations', `store.revocations: ${why}`)
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

  /** Removes of the oldest entries those whose time has come; answers how many. */
  async trim(now: number, limit: number): Promise<number> {
    const { log } = this.#keys
    const entries = (await this.#engine.send(
      log,
      'XRANGE',
      log,
      '-',
      '+',
      'COUNT',
      String(limit),
    )) as readonly (readonly [string, readonly [string, string]])[]
    const due = entries.filter(([id, [, text]]) => decodeEntry(id, text).keepUntil <= now).map(([id]) => id)
    if (due.length > 0) await this.#engine.send(log, 'XDEL', log, ...due)
    return due.length
  }
}

function pairs(flat: readonly Reply[]): readonly (readonly [string, string])[] {
  return flat.flatMap((number, i) => (i % 2 === 0 ? [[String(number), String(flat[i + 1])] as const] : []))
}
