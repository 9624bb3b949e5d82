import { urlOf } from './address.ts'
import { makeApp } from './app.tsx'
import type { Config } from './config.ts'
import type { Services } from './environment.ts'
import { listen } from './listening.ts'
import { type OpenServices, openServices } from './services.ts'

export interface RunningServer {
  /** Where a browser finds it: the configured origin, else an address of this machine. */
  readonly url: string
  /** The TCP port on which it listens. */
  readonly port: number
  /**
   * Says at `/readyz` that it stops, and closes each connection after its next answer; takes no new ones after a moment, lets
   * requests under way finish, and closes the database. Called again, it answers the same. `isReplaced`: another process has
   * its port already; it takes no new connections from now on, and says nothing of it.
   */
  readonly stop: (isReplaced?: boolean) => Promise<void>
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
    const stop = async (isReplaced: boolean) => {
      Object.assign(services.lifecycle, { isStopping: true, isReplaced })
      // Streams would keep their connections for as long as somebody looks at a page.
      services.endings.close()
      await close(isReplaced)
      await closeServices()
    }
    return {
      url: urlOf(config, port),
      port,
      services,
      stop(isReplaced = false) {
        stopping ??= stop(isReplaced)
        return stopping
      },
    }
  } catch (error) {
    await closeServices()
    throw error
  }
}
