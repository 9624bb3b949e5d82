import { OptionError } from '../../errors.ts'
import type { Client } from '../record/record.ts'
import type { ForwardedReader } from './proxies.ts'
import type { RequestLike } from './transport.ts'

/** A request as it left the client: where it was meant to go, and whose address it came from. */
export interface Arrival {
  /** Scheme and host as the client used them; the path is not to be relied on. Undefined: https, host unknown. */
  readonly url: string | undefined
  readonly client: Partial<Client> | null
}

/** What the application knows of a client, or a function that is asked for it when it is needed. */
export type ClientGiven = Partial<Client> | (() => Partial<Client> | undefined) | null | undefined

/** @throws OptionError for what is no request as the core reads it, such as one of `node:http` */
export function checkRequest(request: RequestLike): void {
  if (typeof request?.headers?.get === 'function') return
  throw new OptionError(
    'request',
    'its headers have no `get`. A request of node:http, and of what is built on it, is passed as `requestLike(request)` of coatcheck/adapters/node.',
  )
}

/** Believes the proxies that the options name, and nobody else. `client.address` is that of the socket's other end. */
export function arrivalOf(
  { forwarded }: { readonly forwarded: ForwardedReader | null },
  request: RequestLike,
  given: ClientGiven,
): Arrival {
  checkRequest(request)
  const client = (typeof given === 'function' ? given() : given) ?? null
  if (forwarded === null) return { url: request.url, client }
  const { address, scheme, host } = forwarded(request.headers, client?.address ?? null)
  return {
    url: scheme === null && host === null ? request.url : forwardedUrl(request.url, scheme, host),
    client: address === null ? client : { ...client, address },
  }
}

function forwardedUrl(url: string | undefined, scheme: string | null, host: string | null): string | undefined {
  if (url === undefined || !URL.canParse(url)) return url
  const own = new URL(url)
  return `${scheme === null ? own.protocol.slice(0, -1) : scheme}://${host ?? own.host}/`
}
