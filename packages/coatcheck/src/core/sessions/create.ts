import { CookieWithheldError, StoreUnavailableError } from '../../errors.ts'
import { cut } from '../base/truncate.ts'
import { isUnsafe } from '../csrf/provenance.ts'
import { TOO_LATE, withheldFrom, withhold } from '../csrf/withholding.ts'
import type { Created, NewRecord } from '../kind.ts'
import type { Assurance, Client } from '../record/record.ts'
import type { CreateConditions } from '../store/store.ts'
import type { Context } from './context.ts'
import { issue } from './issue.ts'
import type { SessionState } from './state.ts'

const ID_BYTES = 16
/** In characters (UTF-16 units); what is longer is cut. An IPv6 address with a zone fits. */
const LONGEST = { address: 64, userAgent: 512, label: 200 }

/** What of a new session is not the same for all. */
export interface Beginning {
  readonly userId: string | null
  readonly data: ReadonlyMap<string, string>
  readonly assurance: Assurance | null
  readonly client: Client
  readonly idle: number | null
  readonly absolute: number
  readonly persistent: boolean
}

/** What is known of the client: from the application, else from the request. Strangers write parts of it, so it is cut. */
export function clientOf({ exchange: { client, request } }: SessionState): Client {
  const userAgent = client?.userAgent ?? request.headers.get('user-agent')
  return {
    address: cut(client?.address, LONGEST.address),
    userAgent: cut(userAgent, LONGEST.userAgent),
    label: cut(client?.label, LONGEST.label),
  }
}

/** Makes a new record with a new id and a new token. Where it was created, the state goes on with it. */
export async function createSession(
  ctx: Context,
  state: SessionState,
  beginning: Beginning,
  conditions?: CreateConditions,
): Promise<Exclude<Created<unknown>, { outcome: 'taken' }>> {
  const { runtime, settings, store, kinds } = ctx
  const now = runtime.now()
  const record: NewRecord = {
    id: runtime.random(ID_BYTES),
    namespace: store.namespace,
    userId: beginning.userId,
    data: beginning.data,
    schema: settings.schemaVersion,
    createdAt: now,
    authenticatedAt: beginning.userId === null ? null : now,
    renewedAt: now,
    lastSeenAt: now,
    idleFor: beginning.idle,
    persistent: beginning.persistent,
    expiresAt: now + beginning.absolute,
    assurance: beginning.assurance,
    client: beginning.client,
    binding: null,
    version: 0,
    ended: null,
  }
  const result = await kinds.main.create(record, conditions)
  // 128 random bits are not taken by chance: something is wrong with the store or with the randomness.
  if (result.outcome === 'taken')
    throw new StoreUnavailableError('create', 'store.create: a fresh id was already taken.')
  if (result.outcome === 'created') await issue(state, result.held, 'begun')
  return result
}

/**
 * Begins the anonymous session of a visitor who has none, with the texts given. Without a call to `begin` (`isImplied`) an
 * unsafe request of another site's page is refused, and a safe one goes on without.
 * @throws CookieWithheldError where a new cookie could replace one that the visitor has, unless `crossSite` says so; and
 * what the store throws
 */
export async function beginAnonymous(
  ctx: Context,
  state: SessionState,
  set: () => Promise<ReadonlyMap<string, string>> | ReadonlyMap<string, string>,
  { crossSite, isImplied }: { readonly crossSite: boolean; readonly isImplied: boolean },
): Promise<void> {
  const withheld = state.exchange.answered ? TOO_LATE : withheldFrom(ctx, state.exchange)
  if (withheld !== null && !(crossSite && withheld.reason === 'cross-site')) {
    withhold(ctx, withheld, `A session could not begin: ${withheld.why}`)
    if (withheld.reason === 'cross-site' && (!isImplied || isUnsafe(state.exchange.request))) {
      throw new CookieWithheldError()
    }
    return
  }
  const data = await set()
  const { idle, absolute, persistent } = ctx.settings.policy.anonymous
  await createSession(ctx, state, {
    userId: null,
    data,
    assurance: null,
    client: clientOf(state),
    idle,
    absolute,
    persistent,
  })
  state.view.base = data
  if (state.held !== null) ctx.events.emit({ type: 'created', sessionId: state.held.record.id, userId: null })
}
