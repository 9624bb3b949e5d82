import { StoreUnavailableError } from '../errors.ts'
import type { Context, SessionState } from './context.ts'
import { cut } from './cut.ts'
import type { Assurance, Client, SessionRecord } from './record.ts'
import { hold } from './rotating.ts'
import type { CreateConditions, CreateResult } from './store.ts'
import { newId, newSecret } from './token.ts'

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
export function clientOf({ client, request }: SessionState): Client {
  const userAgent = client?.userAgent ?? request.headers.get('user-agent')
  return {
    address: cut(client?.address, LONGEST.address),
    userAgent: cut(userAgent, LONGEST.userAgent),
    label: cut(client?.label, LONGEST.label),
  }
}

/** Makes a new record with a new id and a random secret. Where the store created it, the state goes on with it. */
export async function createSession(
  ctx: Context,
  state: SessionState,
  beginning: Beginning,
  conditions?: CreateConditions,
): Promise<Exclude<CreateResult, { outcome: 'taken' }>> {
  const { runtime, settings, store } = ctx
  const now = runtime.now()
  const secret = newSecret(runtime)
  const record: SessionRecord = {
    id: newId(runtime),
    namespace: store.namespace,
    kind: 'opaque',
    userId: beginning.userId,
    generation: 0,
    minGeneration: 0,
    secretHash: await runtime.sha256(secret),
    predecessor: null,
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
  const result = await store.create(record, conditions)
  // 128 random bits are not taken by chance: something is wrong with the store or with the randomness.
  if (result.outcome === 'taken')
    throw new StoreUnavailableError('create', 'store.create: a fresh id was already taken.')
  if (result.outcome === 'created') await hold(ctx, state, record, secret)
  return result
}
