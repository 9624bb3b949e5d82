import { OptionError } from '../../errors.ts'
import { isWithin, type Network, parseAddress, parseNetwork } from './addresses.ts'

/** Which proxies stand before the application; what they forward is believed, and what came to them from others is not. */
export interface ProxyOptions {
  /** How many proxies there are, each adding one address to the list. At least 1. Not together with `networks`. */
  readonly hops?: number | undefined
  /** The proxies' own networks, such as `['10.0.0.0/8', '::1']`: all that come from there are proxies. */
  readonly networks?: readonly string[] | undefined
  /**
   * Which headers the proxies set, and take from clients: `x-forwarded` (`X-Forwarded-For`, `-Proto`, `-Host`; the default) or
   * `forwarded` (RFC 7239). The others are never looked at.
   */
  readonly header?: 'x-forwarded' | 'forwarded' | undefined
}

/** What the proxies said of a request; null where they said nothing. */
export interface Forwarded {
  /** The client's address. */
  readonly address: string | null
  readonly scheme: 'http' | 'https' | null
  readonly host: string | null
}

/** Reads what was forwarded. `peer`: the address of the socket's other end, where it is known. */
export type ForwardedReader = (headers: { get(name: string): string | null }, peer: string | null) => Forwarded

const NOTHING: Forwarded = { address: null, scheme: null, host: null }
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i

/** One proxy's entry: whom it heard from, and by which scheme and name. */
type Entry = Forwarded

/** @throws OptionError */
export function makeForwardedReader({ hops, networks, header = 'x-forwarded' }: ProxyOptions): ForwardedReader {
  if (header !== 'x-forwarded' && header !== 'forwarded') {
    throw new OptionError('trustProxy.header', "'x-forwarded' or 'forwarded'.")
  }
  if ((hops === undefined) === (networks === undefined)) {
    throw new OptionError('trustProxy', 'say either how many proxies there are (hops) or which networks they are in.')
  }
  const read = header === 'forwarded' ? forwardedEntries : xForwardedEntries
  if (hops !== undefined) return byHops(hops, read)
  return byNetworks((networks ?? []).map(networkOf), read)
}

function networkOf(text: string): Network {
  const network = parseNetwork(text)
  if (network === null)
    throw new OptionError('trustProxy.networks', `'${text}' is none: write 10.0.0.0/8 or an address.`)
  return network
}

/** The last entry was added by the nearest proxy, and so on; what stands before those of the known proxies is the client's. */
function byHops(hops: number, read: typeof xForwardedEntries): ForwardedReader {
  if (!Number.isSafeInteger(hops) || hops < 1) throw new OptionError('trustProxy.hops', 'a whole number, at least 1.')
  return (headers) => read(headers).at(-hops) ?? NOTHING
}

/** From the socket on, as long as who speaks is a proxy; the first that is none is the client. */
function byNetworks(networks: readonly Network[], read: typeof xForwardedEntries): ForwardedReader {
  const isProxy = (text: string | null) => {
    const address = text === null ? null : parseAddress(text)
    return address !== null && networks.some((network) => isWithin(address, network))
  }
  return (headers, peer) => {
    if (!isProxy(peer)) return NOTHING
    const entries = read(headers).toReversed()
    return entries.find(({ address }) => !isProxy(address)) ?? entries.at(-1) ?? NOTHING
  }
}

/**
 * Proxies that tell a scheme and no addresses. Whoever comes round them can claim as much of an address too, so the scheme is
 * believed as elsewhere; a name without an address is not.
 */
function schemeEntries(schemes: readonly string[]): readonly Entry[] {
  return schemes.map((scheme) => ({ ...NOTHING, scheme: schemeOf(scheme) }))
}

/** Proxies add to the list of addresses; scheme and name are told by the one that the client reached, or by all in a list. */
function xForwardedEntries(headers: { get(name: string): string | null }): readonly Entry[] {
  const addresses = listIn(headers.get('x-forwarded-for'))
  const schemes = listIn(headers.get('x-forwarded-proto'))
  if (addresses.length === 0) return schemeEntries(schemes)
  const hosts = listIn(headers.get('x-forwarded-host'))
  return addresses.map((address, i) => ({
    address: addressOf(address),
    scheme: schemeOf(schemes.length === addresses.length ? schemes[i] : schemes.at(-1)),
    host: hostOf(hosts.length === addresses.length ? hosts[i] : hosts.at(-1)),
  }))
}

function listIn(header: string | null): readonly string[] {
  return header === null || header.trim() === '' ? [] : header.split(',').map((part) => part.trim())
}

/** `for=192.0.2.1;proto=https;host=example.org, for="[2001:db8::1]:4711"` (RFC 7239 4). */
function forwardedEntries(headers: { get(name: string): string | null }): readonly Entry[] {
  return listIn(headers.get('forwarded')).map((element) => {
    const pairs = new Map(
      element.split(';').map((pair) => {
        const [name = '', value = ''] = pair.split('=', 2).map((part) => part.trim())
        return [name.toLowerCase(), value.replace(/^"(.*)"$/, '$1')] as const
      }),
    )
    return {
      address: addressOf(pairs.get('for')),
      scheme: schemeOf(pairs.get('proto')),
      host: hostOf(pairs.get('host')),
    }
  })
}

/** Without port and brackets; null for what is no address, such as `unknown` and names made up by a proxy (RFC 7239 6). */
function addressOf(text: string | undefined): string | null {
  if (text === undefined) return null
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+)(?::\d+)?$/.exec(text)?.[1] ?? text
  return parseAddress(bare) === null ? null : bare
}

function schemeOf(text: string | undefined): Forwarded['scheme'] {
  const scheme = text?.toLowerCase()
  return scheme === 'http' || scheme === 'https' ? scheme : null
}

function hostOf(text: string | undefined): string | null {
  return text !== undefined && HOST.test(text) ? text : null
}
