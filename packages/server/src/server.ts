import { serve } from '@hono/node-server'
import { makeApp } from './app.tsx'
import { type Config, ConfigError } from './config.ts'
import type { Services } from './environment.ts'
import { type OpenServices, openServices } from './services.ts'

export interface RunningServer {
  /** Where a browser finds it: the configured origin, else an address of this machine. */
  readonly url: string
  /** The TCP port on which it listens. */
  readonly port: number
  /** Takes no new requests, lets those under way finish, and closes the database. Called again, it answers the same. */
  readonly stop: () => Promise<void>
  readonly services: Services
}

/**
 * Opens the data, listens, and answers when requests are served. What is opened can be replaced, for tests.
 * @throws ConfigError where a setting is in the way
 */
export async function startServer(
  config: Config,
  open: (config: Config) => Promise<OpenServices> = openServices,
): Promise<RunningServer> {
  const { services, close: closeServices } = await open(config)
  try {
    const { port, close } = await listen(makeApp(services).fetch, config)
    let stopping: Promise<void> | null = null
    const stop = async () => {
      // Streams would keep their connections for as long as somebody looks at a page.
      services.endings.close()
      await close()
      await closeServices()
    }
    return {
      url: `${config.origin ?? `http://${browsable(config.host)}:${port}`}/`,
      port,
      services,
      stop() {
        stopping ??= stop()
        return stopping
      },
    }
  } catch (error) {
    await closeServices()
    throw error
  }
}

/** A host as a browser's address bar takes it; one that means every address is reached as this machine. */
function browsable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

const ADVICE: Readonly<Record<string, (config: Config) => string>> = {
  EADDRINUSE: ({ port }) => `Port ${port} is taken: stop what uses it, or choose another one with PORT=${port + 1}.`,
  EACCES: ({ port }) => `Port ${port} needs rights that this user has not: choose one above 1023, such as PORT=3000.`,
  EADDRNOTAVAIL: ({ host }) =>
    `This machine has no address ${host}: set HOST to one of its own, such as HOST=127.0.0.1.`,
  ENOTFOUND: ({ host }) => `HOST=${host} is no name of this machine: set it to an address, such as HOST=127.0.0.1.`,
}

function listen(fetch: (request: Request) => Response | Promise<Response>, config: Config) {
  return new Promise<{ port: number; close: () => Promise<void> }>((resolve, reject) => {
    const server = serve({ fetch, port: config.port, hostname: config.host }, ({ port }) => resolve({ port, close }))
    const close = () =>
      new Promise<void>((done, fail) => {
        server.close((error) => (error === undefined ? done() : fail(error)))
        if ('closeIdleConnections' in server) server.closeIdleConnections()
      })
    server.once('error', (error: NodeJS.ErrnoException) => {
      const advice = ADVICE[error.code ?? '']
      reject(advice === undefined ? error : new ConfigError(advice(config), { cause: error }))
    })
  })
}
