import type { KeyRing } from '../core/keys/keys.ts'
import type {
  Claim,
  Created,
  Held,
  Issued,
  IssueReason,
  Kind,
  KindFactory,
  KindPort,
  NewRecord,
  Presented,
  Refused,
  Renewed,
  Replaced,
  Replacement,
  SlotRule,
  Updated,
} from '../core/kind.ts'
import { endedAs } from '../core/record/lifecycle.ts'
import { underPolicy } from '../core/record/present-timeouts.ts'
import type { SessionRecord } from '../core/record/record.ts'
import { retentionOf } from '../core/record/retention.ts'
import type { CreateConditions, EndRequest, Store, Update, UpdateConditions } from '../core/store/store.ts'
import { makeTagCache, type TagCache } from './opaque/tag-cache.ts'
import { checkTag, deriveSuccessor, newSecret, parseToken, TOKEN_PREFIX, writeToken } from './opaque/token.ts'
import { judge } from './opaque/verdict.ts'

/** Of how many tokens a process remembers that their tag was right: about 2 MB. */
const MAX_TAGS = 5_000
const NONCE_BYTES = 16

/** The token that the request presented, or that it was given since. */
interface Proof {
  readonly secret: string
  readonly hash: string
  readonly generation: number
}

type Opaque = Held<Proof>

const SLOTS: readonly SlotRule[] = [
  { slot: 'signed-in', chunks: 1 },
  { slot: 'anonymous', chunks: 1 },
]
const MALFORMED: Refused = Object.freeze({ reason: 'malformed', record: null })
const UNKNOWN: Refused = Object.freeze({ reason: 'unknown', record: null })

/**
 * The kind `opaque`: the client holds a random token, the store the hash of its secret. Each request costs one read of the
 * store, and an ending counts at the next one.
 */
export function opaque(): KindFactory {
  return { needsStore: true, make: (port) => new OpaqueKind(port) }
}

class OpaqueKind implements Kind<Proof> {
  readonly name = 'opaque'
  readonly slots = SLOTS
  readonly #port: KindPort
  readonly #store: Store
  readonly #tags: TagCache = makeTagCache(MAX_TAGS)

  constructor(port: KindPort) {
    this.#port = port
    this.#store = port.store
  }

  owns(text: string): boolean {
    return text.startsWith(TOKEN_PREFIX)
  }

  async open({ text }: Presented, strict: boolean): Promise<Opaque | Refused> {
    const token = parseToken(text)
    if (token === null) return MALFORMED
    const { runtime, keyUse } = this.#port
    let ring = this.#port.ring()
    if (ring instanceof Promise) ring = await ring
    let hash = runtime.sha256(token.secret)
    if (hash instanceof Promise) hash = await hash
    // A key may have been taken away since its tag was verified.
    if (!this.#tags.has(hash, token) || ring.find(token.keyId) === undefined) {
      let tag = checkTag(token, ring, runtime)
      if (tag instanceof Promise) tag = await tag
      if (tag !== 'ours') return { reason: tag, record: null }
    }
    const stored = await this.#store.read(token.id, strict ? { strict } : undefined)
    const opened = this.#judge(stored, token.secret, hash, token.generation)
    if ('reason' in opened) return opened
    this.#tags.add(hash, token)
    keyUse(ring, token.keyId)
    return opened
  }

  async reopen({ record, proof: { secret, hash, generation } }: Opaque): Promise<Opaque | Refused> {
    return this.#judge(await this.#read(record.id), secret, hash, generation)
  }

  async load(held: Opaque): Promise<Opaque | Refused> {
    const { runtime, policy } = this.#port
    const stored = await this.#read(held.record.id)
    if (stored === null) return UNKNOWN
    const record = underPolicy(stored, policy)
    const reason = endedAs(record, runtime.now())
    if (reason !== null) return { reason, record }
    if (record.minGeneration > held.proof.generation) return { reason: 'superseded', record }
    return { ...held, record }
  }

  async prove(text: string): Promise<Claim | null> {
    const { runtime, ring } = this.#port
    const token = parseToken(text)
    if (token === null || (await checkTag(token, await ring(), runtime)) !== 'ours') return null
    return this.#claim(token.id, token.generation, await runtime.sha256(token.secret))
  }

  claim({ record, proof: { generation, hash } }: Opaque): Claim {
    return this.#claim(record.id, generation, hash)
  }

  #claim(id: string, generation: number, hash: string): Claim {
    const { runtime, policy } = this.#port
    const counts = (record: SessionRecord | null) =>
      judge(record, { hash, generation }, runtime.now(), policy.grace, runtime.equal).status === 'active'
    return { kind: this, id, generation, counts }
  }

  async create(draft: NewRecord, conditions?: CreateConditions): Promise<Created<Proof>> {
    const { runtime } = this.#port
    const secret = newSecret(runtime)
    const secretHash = await runtime.sha256(secret)
    const record: SessionRecord = {
      ...draft,
      kind: this.name,
      generation: 0,
      minGeneration: 0,
      secretHash,
      predecessor: null,
    }
    const result = await this.#store.create(record, conditions)
    return result.outcome === 'created' ? { ...result, held: this.#current(record, secret) } : result
  }

  async update(
    held: Opaque,
    change: Update,
    conditions?: Omit<UpdateConditions, 'ifGeneration'>,
  ): Promise<Updated<Proof>> {
    const ifGeneration = held.proof.generation
    const result = await this.#store.update(held.record.id, change, { ...conditions, ifGeneration })
    return result.outcome === 'updated' ? { ...result, held } : result
  }

  /** The first of several racers writes the successor's hash, all derive the same successor. */
  async renew(held: Opaque): Promise<Renewed<Proof>> {
    const { runtime } = this.#port
    const { record, proof } = held
    const { newest } = await this.#port.ring()
    const generation = record.generation + 1
    const nonce = runtime.random(NONCE_BYTES)
    const secret = await deriveSuccessor(newest, { id: record.id, generation, secret: proof.secret, nonce })
    const result = await this.#store.rotate(record.id, {
      at: runtime.now(),
      from: proof.hash,
      to: await runtime.sha256(secret),
      generation,
      predecessor: { nonce, keyId: newest.id },
    })
    if (result.outcome === 'rotated') return { outcome: 'renewed', held: this.#current(result.record, secret) }
    if (result.outcome !== 'kept') return { outcome: 'lost' }
    const isOurs = result.record.predecessor !== null && runtime.equal(result.record.predecessor.hash, proof.hash)
    return isOurs ? { outcome: 'kept', held: this.#predecessor(result.record, proof) } : { outcome: 'lost' }
  }

  async replace({ record, proof }: Opaque, replacement: Replacement): Promise<Replaced<Proof>> {
    const { runtime, policy } = this.#port
    const secret = newSecret(runtime)
    const at = runtime.now()
    const result = await this.#store.rotate(record.id, {
      at,
      logUntil: at + retentionOf(policy).log,
      from: record.secretHash,
      to: await runtime.sha256(secret),
      generation: record.generation + 1,
      predecessor: null,
      ...replacement,
    })
    if (result.outcome === 'user-changed') return { outcome: 'user-changed' }
    if (result.outcome === 'rotated') return { outcome: 'replaced', held: this.#current(result.record, secret) }
    const opened = this.#judge(result.record, proof.secret, proof.hash, proof.generation)
    return 'reason' in opened ? { outcome: 'refused', refused: opened } : { outcome: 'again', held: opened }
  }

  async touch({ record, isUnseen }: Opaque, at: number, interval: number) {
    return await this.#store.touch(record.id, at, { interval, seen: isUnseen ? record.generation : undefined })
  }

  async end(id: string, request: EndRequest) {
    return await this.#store.end(id, request)
  }

  async epoch(userId: string): Promise<number> {
    return (await this.#store.userEpoch(userId)).epoch
  }

  async issue(held: Opaque, why: IssueReason): Promise<Issued<Proof>> {
    const isLacking = why === 'begun' || why === 'rotated' || (why === 'due-on-navigation' && held.by === 'predecessor')
    if (!isLacking) return { held, texts: [] }
    const ring = await this.#port.ring()
    const current = held.by === 'current' ? held : await this.#successorOf(held, ring)
    if (current === null) return { held, texts: [] }
    const { record, proof } = current
    const text = await writeToken(record.id, proof.generation, proof.secret, ring.newest)
    return { held: current, texts: [{ slot: record.userId === null ? 'anonymous' : 'signed-in', text }] }
  }

  /** Null where it cannot be derived, without the nonce (it has been seen) or the key: the predecessor goes on as it may. */
  async #successorOf({ record, proof }: Opaque, ring: KeyRing): Promise<Opaque | null> {
    const { runtime } = this.#port
    const { predecessor, id, generation } = record
    const key = predecessor === null ? undefined : ring.find(predecessor.keyId)
    if (predecessor === null || predecessor.nonce === null || key === undefined) return null
    const secret = await deriveSuccessor(key, { id, generation, secret: proof.secret, nonce: predecessor.nonce })
    return runtime.equal(await runtime.sha256(secret), record.secretHash) ? this.#current(record, secret) : null
  }

  #read(id: string): Promise<SessionRecord | null> {
    return this.#store.read(id, { strict: true })
  }

  #judge(stored: SessionRecord | null, secret: string, hash: string, generation: number): Opaque | Refused {
    const { runtime, policy } = this.#port
    const record = stored === null ? null : underPolicy(stored, policy)
    const verdict = judge(record, { hash, generation }, runtime.now(), policy.grace, runtime.equal)
    switch (verdict.status) {
      case 'active':
        return verdict.by === 'secret'
          ? {
              kind: this,
              record: verdict.record,
              by: 'current',
              isUnseen: verdict.record.predecessor !== null && verdict.record.predecessor.seenAt === null,
              due: null,
              proof: { secret, hash, generation: verdict.record.generation },
            }
          : this.#predecessor(verdict.record, { secret, hash, generation: verdict.record.generation - 1 })
      case 'ended':
        return { reason: verdict.reason, record: verdict.record }
      case 'superseded':
        return { reason: 'superseded', record: verdict.record }
      case 'unknown':
        return UNKNOWN
    }
  }

  /** The session as its client holds it with the secret that it is given now. */
  #current(stored: SessionRecord, secret: string): Opaque {
    const record = underPolicy(stored, this.#port.policy)
    const proof = { secret, hash: record.secretHash, generation: record.generation }
    return { kind: this, record, by: 'current', isUnseen: false, due: null, proof }
  }

  #predecessor(stored: SessionRecord, proof: Proof): Opaque {
    const record = underPolicy(stored, this.#port.policy)
    const due = record.predecessor?.nonce == null ? null : 'navigation'
    return { kind: this, record, by: 'predecessor', isUnseen: false, due, proof }
  }
}
