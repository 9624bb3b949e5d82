import { setTimeout as sleep } from 'node:timers/promises'
import {
  type Claim,
  type Created,
  type Held,
  type Issued,
  type IssueReason,
  isRefused,
  type Kind,
  type KindFactory,
  type KindPort,
  type NewRecord,
  type Presented,
  type Refused,
  type Renewed,
  type Replaced,
  type Replacement,
  type Updated,
} from '../../src/core/kind.ts'
import { endedAs, isTouchDue } from '../../src/core/record/lifecycle.ts'
import { underPolicy } from '../../src/core/record/present-timeouts.ts'
import type { SessionRecord } from '../../src/core/record/record.ts'
import type { Update } from '../../src/core/store/store.ts'

const PREFIX = 'ts1.'
const MAC_LENGTH = 22

/**
 * A kind without a store: its client holds the record itself, signed and readable, in up to three cookies. Shows that the
 * port suffices for sealed sessions; it hides nothing, and nobody should use it.
 */
/** `delay`: how many milliseconds its changes take. */
export function sealedToy(delay = 0): KindFactory {
  return { needsStore: false, make: (port) => new SealedToy(port, delay) }
}

class SealedToy implements Kind<null> {
  readonly name = 'sealed'
  readonly slots = [
    { slot: 'signed-in', chunks: 3 },
    { slot: 'anonymous', chunks: 3 },
  ] as const
  readonly #port: KindPort

  readonly #delay: number

  constructor(port: KindPort, delay: number) {
    this.#port = port
    this.#delay = delay
  }

  owns(text: string): boolean {
    return text.startsWith(PREFIX)
  }

  async open({ text }: Presented): Promise<Held<null> | Refused> {
    const record = await this.#unseal(text)
    return 'reason' in record ? record : this.#judge(record)
  }

  #judge(stored: SessionRecord): Held<null> | Refused {
    const { policy, runtime } = this.#port
    const record = underPolicy(stored, policy)
    const reason = endedAs(record, runtime.now())
    return reason === null ? this.#held(record) : { reason, record }
  }

  #held(record: SessionRecord): Held<null> {
    const { policy, runtime } = this.#port
    const due = isTouchDue(record, runtime.now(), policy.touch) ? 'navigation' : null
    return { kind: this, record, by: 'current', isUnseen: false, due, proof: null }
  }

  async reopen({ record }: Held<null>): Promise<Held<null> | Refused> {
    return this.#judge(record)
  }

  async load({ record }: Held<null>): Promise<Held<null> | Refused> {
    return this.#judge(record)
  }

  async prove(text: string): Promise<Claim | null> {
    const opened = await this.open({ slot: null, text, access: [] })
    return isRefused(opened) ? null : this.claim(opened)
  }

  claim({ record }: Held<null>): Claim {
    return { kind: this, id: record.id, generation: record.generation, counts: () => false }
  }

  async create(draft: NewRecord): Promise<Created<null>> {
    const record: SessionRecord = {
      ...draft,
      kind: this.name,
      generation: 0,
      minGeneration: 0,
      secretHash: '',
      predecessor: null,
    }
    return { outcome: 'created', held: this.#held(record), ended: [] }
  }

  async update({ record }: Held<null>, { set, unset = [], fields }: Update): Promise<Updated<null>> {
    await sleep(this.#delay)
    const data = new Map([...record.data].filter(([key]) => !unset.includes(key)))
    for (const [key, text] of set ?? []) data.set(key, text)
    const version = record.version + 1
    return { outcome: 'updated', version, held: this.#held({ ...record, ...fields, data, version } as SessionRecord) }
  }

  async renew({ record }: Held<null>): Promise<Renewed<null>> {
    const renewedAt = this.#port.runtime.now()
    return { outcome: 'renewed', held: this.#held({ ...record, renewedAt, generation: record.generation + 1 }) }
  }

  async replace({ record }: Held<null>, { authentication }: Replacement): Promise<Replaced<null>> {
    const at = this.#port.runtime.now()
    const generation = record.generation + 1
    const { set, unset, ...changes } = authentication ?? {}
    const { held } = (await this.update(this.#held(record), { at, set, unset })) as { held: Held<null> }
    const times = authentication === undefined ? {} : { authenticatedAt: at, lastSeenAt: at }
    return {
      outcome: 'replaced',
      held: this.#held({ ...held.record, ...changes, ...times, generation, renewedAt: at }),
    }
  }

  async touch() {
    return 'kept' as const
  }

  async end() {
    return { outcome: 'forgotten' } as const
  }

  async epoch(): Promise<number> {
    return 0
  }

  async issue(held: Held<null>, why: IssueReason): Promise<Issued<null>> {
    const isTouch = why === 'due' || why === 'due-on-navigation'
    const record = isTouch ? { ...held.record, lastSeenAt: this.#port.runtime.now() } : held.record
    const slot = record.userId === null ? 'anonymous' : 'signed-in'
    return { held: { ...held, record, due: null }, texts: [{ slot, text: await this.#seal(record) }] }
  }

  async #seal(record: SessionRecord): Promise<string> {
    const { newest } = await this.#port.ring()
    const payload = Buffer.from(JSON.stringify({ ...record, data: [...record.data] })).toString('base64url')
    return `${PREFIX}${newest.id}.${payload}.${(await newest.tag.mac(payload)).slice(0, MAC_LENGTH)}`
  }

  async #unseal(text: string): Promise<SessionRecord | Refused> {
    const [, keyId = '', payload = '', mac = ''] = text.split('.')
    if (!this.owns(text) || mac === '') return { reason: 'malformed', record: null }
    const key = (await this.#port.ring()).find(keyId)
    if (key === undefined) return { reason: 'unknown-key', record: null }
    if ((await key.tag.mac(payload)).slice(0, MAC_LENGTH) !== mac) return { reason: 'forged', record: null }
    const parsed = JSON.parse(Buffer.from(payload, 'base64url').toString())
    return { ...parsed, data: new Map(parsed.data) }
  }
}
