import type { Client } from '../record/record.ts'
import type { SetCookie, Slot } from './slots.ts'
import type { CookieSet, RequestLike } from './transport.ts'

/** What the answer says of one slot: a new text, with the time of its end in epoch milliseconds, or that it is to go. */
export type Outgoing = { readonly text: string; readonly expiresAt: number | null } | 'delete'

/** The request, and what its answer is to carry. Knows nothing of what a session is. */
export interface Exchange {
  readonly request: RequestLike
  /** Where the request was meant to go, as far as that is believed. */
  readonly url: string | undefined
  readonly cookies: CookieSet
  readonly client: Partial<Client> | null
  outgoing: ReadonlyMap<Slot, Outgoing>
  /** How the client carries its token, and so gets a new one: `token` where it came as `Authorization: Bearer`, or was taken. */
  sends: 'cookie' | 'token'
  /** Whether caches may keep the answer: not by default; `allowed` by the application; `forbidden` because of what it carries. */
  caching: 'default' | 'allowed' | 'forbidden'
  /** The value of `Clear-Site-Data` that the answer is to carry, or null. */
  clearSiteData: string | null
  /** The cookies that were handed over for the answer, should another one take its place. */
  handedOver: readonly SetCookie[]
  /** Whether the answer's cookies were handed over: what comes later cannot leave with it. */
  answered: boolean
}

const NO_COOKIES: readonly SetCookie[] = []
const NOTHING_OUTGOING: ReadonlyMap<Slot, Outgoing> = new Map()

export function newExchange(given: Pick<Exchange, 'request' | 'url' | 'cookies' | 'client'>): Exchange {
  return {
    request: given.request,
    url: given.url,
    cookies: given.cookies,
    client: given.client,
    outgoing: NOTHING_OUTGOING,
    sends: 'cookie',
    caching: 'default',
    clearSiteData: null,
    handedOver: NO_COOKIES,
    answered: false,
  }
}

/** Says what the answer is to carry in a slot; null takes back what was said. */
export function put(exchange: Exchange, slot: Slot, outgoing: Outgoing | null): void {
  if (outgoing === null && !exchange.outgoing.has(slot)) return
  const all = new Map(exchange.outgoing)
  if (outgoing === null) all.delete(slot)
  else all.set(slot, outgoing)
  exchange.outgoing = all
}

/** Answers what is to be sent, and leaves nothing to be sent. */
export function takeOutgoing(exchange: Exchange): ReadonlyMap<Slot, Outgoing> {
  const { outgoing } = exchange
  exchange.outgoing = NOTHING_OUTGOING
  return outgoing
}
