import { addressOf } from './base-path.ts'
import type { Config } from './config.ts'

/** Where browsers find a server that listens on a port, with a slash at its end. */
export function urlOf(config: Config, port: number): string {
  const { origin, tls, host } = config
  return `${addressOf(origin ?? `${tls === null ? 'http' : 'https'}://${browsable(host)}:${port}`, config)}/`
}

/** A host as a browser's address bar takes it; one that means every address is reached as this machine. */
function browsable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
