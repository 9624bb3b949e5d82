import {
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
import { endedAs } from '../../src/core/record/lifecycle.ts'
import type { SessionRecord } from '../../src/core/record/record.ts'
import type { CreateConditions, EndRequest, Update, UpdateConditions } from '../../src/core/store/store.ts'
import { parseToken } from '../../src/tokens/opaque/token.ts'
import { opaque } from '../../src/tokens/opaque.ts'

const MAC_LENGTH = 22

/**
 * A kind of two slots: a short-lived signed text that opens the session without the store, beside the opaque token that
 * refreshes it. Shows that the port suffices for access and refresh tokens.
 */
export function accessToy(life: number): KindFactory {
  return { needsStore: true, make: (port) => new AccessToy(port, life) }
}

class AccessToy implements Kind {
  readonly name = 'jwt'
  readonly slots
  readonly #port: KindPort
  readonly #life: number
  readonly #refresh: Kind

  constructor(port: KindPort, life: number) {
    this.#port = port
    this.#life = life
    this.#refresh = opaque().make(port)
    this.slots = [...this.#refresh.slots, { slot: 'access', chunks: 1 }] as const
  }

  owns(text: string): boolean {
    return this.#refresh.owns(text)
  }

  async open(presented: Presented, strict: boolean): Promise<Held | Refused> {
    const known = strict ? null : await this.#openByAccess(presented)
    if (known !== null) return known
    const opened = await this.#refresh.open(presented, strict)
    return isRefused(opened) ? opened : { ...this.#of(opened), due: 'now' }
  }

  /** An access text counts only beside a refresh token of the same session, whose generation it has or is above. */
  async #openByAccess({ text, access }: Presented): Promise<Held | null> {
    const token = parseToken(text)
    const claim = await this.#refresh.prove(text)
    if (token === null || claim === null) return null
    for (const one of access) {
      const record = await this.#read(one)
      if (record?.id !== claim.id || claim.generation < record.generation) continue
      const hash = await this.#port.runtime.sha256(token.secret)
      const proof = { secret: token.secret, hash, generation: claim.generation }
      return { kind: this, record, by: 'current', isUnseen: false, due: null, proof }
    }
    return null
  }

  async #read(text: string): Promise<SessionRecord | null> {
    const [payload = '', mac] = text.split('.')
    const { newest } = await this.#port.ring()
    if ((await newest.tag.mac(payload)).slice(0, MAC_LENGTH) !== mac) return null
    const { expiresAt, record } = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const now = this.#port.runtime.now()
    return expiresAt <= now || endedAs(record, now) !== null ? null : { ...record, data: new Map(record.data) }
  }

  async #write(record: SessionRecord): Promise<string> {
    const expiresAt = this.#port.runtime.now() + this.#life
    const said = { expiresAt, record: { ...record, secretHash: '', predecessor: null, data: [...record.data] } }
    const payload = Buffer.from(JSON.stringify(said)).toString('base64url')
    const { newest } = await this.#port.ring()
    return `${payload}.${(await newest.tag.mac(payload)).slice(0, MAC_LENGTH)}`
  }

  #of(held: Held): Held {
    return { ...held, kind: this }
  }

  async reopen(held: Held): Promise<Held | Refused> {
    const opened = await this.#refresh.reopen(held)
    return isRefused(opened) ? opened : this.#of(opened)
  }

  async load(held: Held): Promise<Held | Refused> {
    const opened = await this.#refresh.load(held)
    return isRefused(opened) ? opened : this.#of(opened)
  }

  async prove(text: string) {
    const claim = await this.#refresh.prove(text)
    return claim === null ? null : { ...claim, kind: this }
  }

  claim(held: Held) {
    return { ...this.#refresh.claim(held), kind: this }
  }

  async create(record: NewRecord, conditions?: CreateConditions): Promise<Created<unknown>> {
    const result = await this.#refresh.create(record, conditions)
    return result.outcome === 'created' ? { ...result, held: this.#of(result.held) } : result
  }

  async update(
    held: Held,
    change: Update,
    conditions?: Omit<UpdateConditions, 'ifGeneration'>,
  ): Promise<Updated<unknown>> {
    const result = await this.#refresh.update(held, change, conditions)
    if (result.outcome !== 'updated') return result
    // The access text tells of the data, so it is made anew from what is there now.
    const fresh = await this.load(held)
    return isRefused(fresh) ? { outcome: 'gone' } : { ...result, held: fresh }
  }

  async renew(held: Held): Promise<Renewed<unknown>> {
    const result = await this.#refresh.renew(held)
    return result.outcome === 'lost' ? result : { ...result, held: this.#of(result.held) }
  }

  async replace(held: Held, replacement: Replacement): Promise<Replaced<unknown>> {
    const whole = held.record.secretHash === '' ? await this.load(held) : held
    if (isRefused(whole)) return { outcome: 'refused', refused: whole }
    const result = await this.#refresh.replace(whole, replacement)
    return 'held' in result ? { ...result, held: this.#of(result.held) } : result
  }

  async touch(held: Held, at: number, interval: number) {
    return await this.#refresh.touch(held, at, interval)
  }

  async end(id: string, request: EndRequest) {
    return await this.#refresh.end(id, request)
  }

  async epoch(userId: string) {
    return await this.#refresh.epoch(userId)
  }

  async issue(held: Held, why: IssueReason): Promise<Issued<unknown>> {
    const issued = await this.#refresh.issue(held, why)
    const after = this.#of(issued.held)
    const access = { slot: 'access', text: await this.#write(after.record) } as const
    return { held: { ...after, due: null }, texts: [...issued.texts, access] }
  }
}
