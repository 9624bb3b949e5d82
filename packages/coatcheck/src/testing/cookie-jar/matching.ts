/** Which cookies a URL may set and gets: RFC 6265bis 5.1.3, 5.1.4 and 5.8. */

/** Host `a.example` is in the domain `example`; an address is in none but itself. */
export function domainMatches(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && !isAddress(host))
}

function isAddress(host: string): boolean {
  return host.startsWith('[') || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)
}

export function pathMatches(requested: string, path: string): boolean {
  if (requested === path) return true
  return requested.startsWith(path) && (path.endsWith('/') || requested.charAt(path.length) === '/')
}

/** The folder of a URL's path, without the slash at its end. */
export function defaultPath({ pathname }: URL): string {
  const end = pathname.lastIndexOf('/')
  return end <= 0 ? '/' : pathname.slice(0, end)
}

/** Where browsers send and accept `Secure` cookies: over TLS, and over plain http to this machine itself. */
export function isTrustworthy({ protocol, hostname }: URL): boolean {
  if (protocol === 'https:' || protocol === 'wss:') return true
  return /^(?:.+\.)?localhost$/.test(hostname) || /^127(?:\.\d{1,3}){3}$/.test(hostname) || hostname === '[::1]'
}
