import type { Settings } from './options.ts'
import type { Client } from './record.ts'
import type { RequestLike } from './transport.ts'

/** A request as it left the client: where it was meant to go, and whose address it came from. */
export interface Arrival {
  /** Scheme and host as the client used them; the path is not to be relied on. Undefined: https, host unknown. */
  readonly url: string | undefined
  readonly client: Partial<Client> | null
}

/** Believes the proxies that the options name, and nobody else. `client.address` is that of the socket's other end. */
export function arrivalOf({ forwarded }: Settings, request: RequestLike, client: Partial<Client> | null): Arrival {
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

/** What is known of a request beyond its headers. */
export interface RequestArrival {
  /** Scheme, host and port as the client used them, or the option `origin`; null where they are not known. */
  readonly origin: string | null
  /** The client's address, or null. */
  readonly address: string | null
}
