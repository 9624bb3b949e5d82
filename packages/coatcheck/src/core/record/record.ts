/** How the client proves the session: an opaque token, a sealed value, or a JWT. */
export type Kind = 'opaque' | 'sealed' | 'jwt'

/** Why a session was made unusable for ever. */
export type EndReason = 'idle' | 'absolute' | 'signed-out' | 'revoked' | 'replaced' | 'limit' | 'reused' | 'binding'

/** Why what was known of a session or a user before counts no longer: an entry `changed` of the change log. */
export type ChangeReason = 'rotated' | 'authenticated' | 'updated'

/** How an authentication was made. `level` follows NIST SP 800-63B-4 (1 to 3), `methods` RFC 8176 names such as `pwd`. */
export interface Assurance {
  readonly level: number
  readonly methods: readonly string[]
}

/** The client as it was when the session began. Each field may be unknown. */
export interface Client {
  readonly address: string | null
  readonly userAgent: string | null
  /** A readable name that the application gives, such as "Firefox on Windows". */
  readonly label: string | null
}

/**
 * The secret before the present one. It counts until its successor has been presented once, and then for the grace,
 * so that a lost answer signs nobody out. The nonce, without which the successor cannot be derived, is erased when the
 * successor is first seen.
 */
export interface Predecessor {
  readonly hash: string
  readonly nonce: string | null
  readonly keyId: string
  readonly seenAt: number | null
}

/** `note` is the application's own word for it, such as `stolen`; `keepUntil` is when the record may be removed. */
export interface Ending {
  readonly at: number
  readonly reason: EndReason
  readonly note: string | null
  readonly keepUntil: number
}

/**
 * A session as a store holds it. Immutable: a store answers a new one for each change. All times are epoch
 * milliseconds. Nothing in it signs anybody in: of secrets it holds SHA-256 hashes (43 characters of base64url).
 */
export interface SessionRecord {
  /** The public handle, 128 random bits (22 characters of base64url). Never changes, authenticates nobody. */
  readonly id: string
  readonly namespace: string
  readonly kind: Kind
  /** Null while anonymous. Fixed for the record's life: signing in makes a new record. */
  readonly userId: string | null
  /** How often the session has been rotated, from 0. */
  readonly generation: number
  /**
   * The lowest generation of which tokens count: that of the last rotation without a predecessor (an authentication, a
   * change of privilege). Older tokens neither read nor write.
   */
  readonly minGeneration: number
  readonly secretHash: string
  readonly predecessor: Predecessor | null
  /** The application's data: top-level key to JSON text. The texts are opaque to every store. Empty once ended. */
  readonly data: ReadonlyMap<string, string>
  /** The version of the data's shape, for migrations. */
  readonly schema: number
  readonly createdAt: number
  readonly authenticatedAt: number | null
  readonly renewedAt: number
  readonly lastSeenAt: number
  /** Milliseconds without activity after which the session is over; null means no idle timeout. */
  readonly idleFor: number | null
  /** Whether the cookie outlives the browser ("remember me"). */
  readonly persistent: boolean
  /** The absolute timeout. Nothing but an authentication moves it. */
  readonly expiresAt: number
  readonly assurance: Assurance | null
  readonly client: Client
  /** Text of the device binding, opaque to stores; null while unbound. */
  readonly binding: string | null
  /** Counts changes of data, from 0. A touch or a rotation without data does not move it. */
  readonly version: number
  readonly ended: Ending | null
}

/** The record with other values in some fields. Stores may answer instances whose fields are computed when asked for. */
export function withFields(record: SessionRecord, fields: Partial<SessionRecord>): SessionRecord {
  return {
    id: record.id,
    namespace: record.namespace,
    kind: record.kind,
    userId: record.userId,
    generation: record.generation,
    minGeneration: record.minGeneration,
    secretHash: record.secretHash,
    predecessor: record.predecessor,
    data: record.data,
    schema: record.schema,
    createdAt: record.createdAt,
    authenticatedAt: record.authenticatedAt,
    renewedAt: record.renewedAt,
    lastSeenAt: record.lastSeenAt,
    idleFor: record.idleFor,
    persistent: record.persistent,
    expiresAt: record.expiresAt,
    assurance: record.assurance,
    client: record.client,
    binding: record.binding,
    version: record.version,
    ended: record.ended,
    ...fields,
  }
}
