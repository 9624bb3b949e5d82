import type { Config } from './config.ts'

/** Where browsers find a server that listens on a port, with a slash at its end. */
export function urlOf({ origin, tls, host }: Config, port: number): string {
  return `${origin ?? `${tls === null ? 'http' : 'https'}://${browsable(host)}:${port}`}/`
}

/** A host as a browser's address bar takes it; one that means every address is reached as this machine. */
function browsable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
