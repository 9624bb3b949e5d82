import type { SessionRecord } from '../../core/record/record.ts'
import type {
  DataChange,
  EndRequest,
  EndResult,
  RotateResult,
  Rotation,
  Touch,
  TouchResult,
  Update,
  UpdateConditions,
  UpdateResult,
} from '../../core/store/store.ts'
import type { AdoptOutcome } from '../../core/store/transfer.ts'
import { endedEntry, endedRecordEntry, rotatedEntry } from '../rules.ts'
import type { Engine, Reply } from './clients.ts'
import { type Counts, stateOf } from './counts.ts'
import type { Damage } from './damage.ts'
import { replyCode } from './faults.ts'
import type { Keys } from './keys.ts'
import { type ChangeLog, encodeEntry, encodeUncounted } from './log.ts'
import {
  BARRED,
  BARRED_FOR,
  decodeRecord,
  encodeAssurance,
  encodeClient,
  encodePairs,
  encodeRecord,
  encodeTime,
  overAt,
} from './record-value.ts'
import type { Scripts } from './running.ts'
import { encodeOptional, encodeText, SEPARATOR } from './text.ts'

/** How a record came to be or did not. `barred`, `behind`: its user's sessions, or all, were ended or changed meanwhile. */
export type Placing =
  | { readonly outcome: 'created' | 'taken' | 'barred' }
  | { readonly outcome: 'behind'; readonly everyone: string }

/** What is done to one record: one command, and with an ending in a Cluster a second one for the log. */
export class Records {
  readonly #engine: Engine
  readonly #scripts: Scripts
  readonly #keys: Keys
  readonly #log: ChangeLog
  readonly #counts: Counts
  readonly #damage: Damage
  readonly #namespace: string

  constructor(
    engine: Engine,
    scripts: Scripts,
    keys: Keys,
    log: ChangeLog,
    counts: Counts,
    damage: Damage,
    namespace: string,
  ) {
    this.#engine = engine
    this.#scripts = scripts
    this.#keys = keys
    this.#log = log
    this.#counts = counts
    this.#damage = damage
    this.#namespace = namespace
  }

  /** Null also where the record is damaged. */
  async read(id: string): Promise<SessionRecord | null> {
    const key = this.#keys.record(id)
    return this.#record(id, await this.#valueOf(key, 'GET', key))
  }

  /** What there is under the id: a record, nothing, or the bar against one. */
  async find(id: string): Promise<SessionRecord | 'nothing' | 'barred'> {
    const key = this.#keys.record(id)
    const value = await this.#valueOf(key, 'GET', key)
    return this.#record(id, value) ?? (value === null ? 'nothing' : 'barred')
  }

  /** `everyone`: everyone's epoch when the user's sessions were looked at; null for a record of nobody. */
  async create(record: SessionRecord, everyone: string | null): Promise<Placing> {
    const key = this.#keys.record(record.id)
    const [outcome, detail] = await this.#scripts.run(
      'create',
      [key, this.#keys.everyone(key), ...this.#counts.keys],
      [
        encodeTime(record.createdAt),
        encodeText(record.secretHash),
        encodeRecord(record),
        String(overAt(record)),
        everyone ?? '',
      ],
    )
    if (outcome === 'behind') return { outcome, everyone: String(detail) }
    if (outcome === 'created' && detail !== 'again') this.#counts.add(stateOf(record), 1)
    return { outcome: outcome as 'created' | 'taken' | 'barred' }
  }

  /** `epochOfAll`: what everyone's epoch must not be above. */
  async adopt(record: SessionRecord, epochOfAll: number | undefined): Promise<AdoptOutcome> {
    const key = this.#keys.record(record.id)
    const [outcome] = await this.#scripts.run(
      'adopt',
      [key, this.#keys.everyone(key), ...this.#counts.keys],
      [
        encodeRecord(record),
        String(overAt(record)),
        record.ended === null ? '' : '1',
        epochOfAll === undefined ? '' : String(epochOfAll),
      ],
    )
    if (outcome === 'adopted') this.#counts.add(stateOf(record), 1)
    return outcome as AdoptOutcome
  }

  /** With `all` as a change to all sessions of a user, which a record that is still to come must not miss. */
  async update(
    id: string,
    change: Update,
    { ifGeneration, ifVersion, ifValue }: UpdateConditions,
    all?: { readonly userId: string; readonly epoch: number },
  ): Promise<UpdateResult> {
    const { at, fields } = change
    const [outcome, version] = await this.#scripts.run(
      'update',
      [this.#keys.record(id)],
      [
        encodeTime(at),
        ifGeneration === undefined ? '' : String(ifGeneration),
        ifVersion === undefined ? '' : String(ifVersion),
        ...(ifValue === undefined
          ? ['', '', '', '']
          : ['1', encodeText(ifValue.key), ifValue.text === null ? '' : '1', encodeText(ifValue.text ?? '')]),
        fields?.schema === undefined ? '' : String(fields.schema),
        ...(fields?.client === undefined ? ['', ''] : ['1', encodeClient(fields.client)]),
        ...(fields?.binding === undefined ? ['', ''] : ['1', encodeOptional(fields.binding)]),
        ...(all === undefined ? ['', ''] : [String(all.epoch), encodeOptional(all.userId)]),
        ...changeArguments(change),
      ],
    )
    if (outcome === 'updated') return { outcome, version: Number(version) }
    return { outcome: outcome as 'gone' | 'replaced' | 'stale' }
  }

  async rotate(id: string, rotation: Rotation): Promise<RotateResult> {
    const { at, from, to, generation, predecessor, authentication, ifUserEpoch } = rotation
    const authenticated =
      authentication === undefined
        ? ['', '', '', '', '', '0']
        : [
            '1',
            encodeAssurance(authentication.assurance),
            encodeTime(authentication.expiresAt),
            authentication.idleFor === null ? '' : encodeTime(authentication.idleFor),
            authentication.persistent ? '1' : '',
            ...changeArguments(authentication),
          ]
    const { log, logNumber, logDue } = this.#keys
    const entry = rotatedEntry(id, rotation)
    const isOneStep = !this.#engine.isCluster
    const [outcome, value] = await this.#scripts.run(
      'rotate',
      entry !== null && isOneStep ? [this.#keys.record(id), log, logNumber, logDue] : [this.#keys.record(id)],
      [
        encodeTime(at),
        encodeText(from),
        encodeText(to),
        String(generation),
        ...(predecessor === null
          ? ['', '', '']
          : ['1', encodeOptional(predecessor.nonce), encodeText(predecessor.keyId)]),
        ifUserEpoch === undefined ? '' : String(ifUserEpoch),
        ...authenticated.slice(0, 5),
        ...(entry === null ? ['', ''] : [encodeEntry(entry), String(entry.keepUntil)]),
        ...authenticated.slice(5),
      ],
    )
    const record = this.#record(id, value ?? null)
    // Whoever repeats it makes up for an entry that did not follow, also where the record has been renewed since. With a space
    // it would be the name of another id's ending.
    const isDone = outcome === 'rotated' || (outcome === 'kept' && record?.minGeneration === generation)
    if (isDone && entry !== null && !isOneStep) {
      await this.#log.append(entry, `${encodeOptional(id)}${SEPARATOR}${entry.count}`)
    }
    if (outcome === 'gone' || record === null) return { outcome: 'gone', record }
    return { outcome: outcome as 'rotated' | 'kept' | 'user-changed', record }
  }

  /** For a record that an ending of its user spares: an authentication that was admitted before the ending is void. */
  async stamp(id: string, { userId, epoch }: { readonly userId: string; readonly epoch: number }): Promise<void> {
    await this.#scripts.run('stamp', [this.#keys.record(id)], [String(epoch), encodeOptional(userId)])
  }

  async touch(id: string, at: number, { interval, seen }: Touch): Promise<TouchResult> {
    const args = [encodeTime(at), String(interval), seen === undefined ? '' : String(seen)]
    const [outcome] = await this.#scripts.run('touch', [this.#keys.record(id)], args)
    return outcome as TouchResult
  }

  /**
   * `logs`: whether the log gets an entry of its own for it. `of`: the user whose sessions are ended; a record that is not there
   * yet is then not to come any more, and one of another user, which has got the id since, is left alone. Where the log lies in another slot its entry follows the ending: whoever dies between the two leaves it out, and
   * has not acknowledged the ending either. Whoever repeats it makes up for it.
   */
  async end(
    id: string,
    request: EndRequest,
    { logs, of }: { readonly logs: boolean; readonly of: string | null },
  ): Promise<EndResult> {
    const { at, reason, note, keepUntil } = request
    const { log, logNumber, logDue } = this.#keys
    const entry = endedEntry('session', id, 0, request)
    const isOneStep = logs && !this.#engine.isCluster
    const args = [encodeTime(at), reason, encodeOptional(note), encodeTime(keepUntil), of === null ? '' : '1']
    const owner = of === null ? '' : encodeOptional(of)
    const key = this.#keys.record(id)
    const [outcome, value] = isOneStep
      ? await this.#scripts.run(
          'end',
          [key, ...this.#counts.keys, log, logNumber, logDue],
          [...args, encodeUncounted(entry), String(entry.keepUntil), owner],
        )
      : await this.#scripts.run('end', [key, ...this.#counts.keys], [...args, '', '', owner])
    const record = this.#record(id, value ?? null)
    if (record === null) return { outcome: 'missing' }
    if (outcome === 'ended') this.#counts.ended(record)
    if (logs && !isOneStep && mayBeUnlogged(record, request)) {
      await this.#log.append(endedRecordEntry(record, { ...request, ...record.ended }), encodeOptional(id))
    }
    return { outcome: outcome as 'ended' | 'already', record }
  }

  /** Bars a record that is not there, so that it cannot come; answers the one that is. */
  async bar(id: string): Promise<SessionRecord | null> {
    const key = this.#keys.record(id)
    return this.#record(id, await this.#valueOf(key, 'SET', key, BARRED, 'NX', 'PX', String(BARRED_FOR), 'GET'))
  }

  /** Ends what has expired, unless it has been touched since it was read; null then. */
  async expire(id: string, ending: { at: number; reason: string; keepUntil: number }): Promise<SessionRecord | null> {
    const { at, reason, keepUntil } = ending
    const args = [String(at), encodeTime(at), reason, encodeTime(keepUntil)]
    const key = this.#keys.record(id)
    const [outcome, value] = await this.#scripts.run('expire', [key, ...this.#counts.keys], args)
    const record = outcome === 'ended' ? this.#record(id, value ?? null) : null
    if (record !== null) this.#counts.ended(record)
    return record
  }

  /** Removes an ended record whose time has come; whether it did. */
  async remove(id: string, now: number): Promise<boolean> {
    const key = this.#keys.record(id)
    const [outcome] = await this.#scripts.run('remove', [key, ...this.#counts.keys], [String(now)])
    if (outcome === 'removed') this.#counts.add('e', -1)
    return outcome === 'removed'
  }

  /** For one that Redis itself cannot work on. */
  tellDamaged(id: string): void {
    this.#damage.found(id)
  }

  /** What a command answers as the record's value; of a key of another type one that says no record, as in the scripts. */
  async #valueOf(key: string, ...command: readonly [string, ...string[]]): Promise<Reply> {
    try {
      return await this.#engine.send(key, ...command)
    } catch (error) {
      if (replyCode(error) === 'WRONGTYPE') return ''
      throw error
    }
  }

  #record(id: string, value: Reply): SessionRecord | null {
    try {
      return decodeRecord(value === null ? null : String(value), id, this.#namespace)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      this.#damage.found(id)
      return null
    }
  }
}

/** Whether the second step of its ending may have failed: one that ended just now, or a while ago by the same. */
function mayBeUnlogged({ ended }: SessionRecord, { at, reason }: EndRequest): boolean {
  return ended !== null && (ended.reason === reason || at - ended.at < BARRED_FOR)
}

/** How many to set, keys and texts, keys to remove. */
function changeArguments({ set, unset }: DataChange): readonly string[] {
  const gone = (unset ?? []).filter((key) => !set?.has(key))
  return [String(set?.size ?? 0), ...encodePairs(set ?? new Map()), ...gone.map(encodeText)]
}
