import { readFile } from 'node:fs/promises'
import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { Server as NetServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createSecureContext } from 'node:tls'
import { getRequestListener, RequestError } from '@hono/node-server'
import { answerFaults, bareHeaders, bareResponse, withOneHost } from './bare-answers.ts'
import { withoutBase } from './base-path.ts'
import { type Config, ConfigError } from './config.ts'

/** Where a server listens. */
export interface Listening {
  readonly port: number
  /**
   * Takes no more connections after a moment, lets requests under way finish, and closes what is idle. `isReplaced`: another
   * process has the port, and this one takes none from now on.
   */
  readonly close: (isReplaced: boolean) => Promise<void>
}

type Fetch = (request: Request) => Response | Promise<Response>

/** The listener of the settings; with TLS also the one that leads plain http there. @throws ConfigError */
export async function listen(fetch: Fetch, config: Config): Promise<Listening> {
  const isSecure = config.tls !== null || config.origin?.startsWith('https:') === true
  const listener = getRequestListener(fetch, {
    // What is thrown inside has an answer of the app's own; this is of requests that are none.
    errorHandler: (error) => bareResponse(error instanceof RequestError ? 400 : 500, isSecure),
  })
  const answering = withOneHost((request, response) => void listener(request, response), isSecure)
  // Whoever names no host is refused by `withOneHost`.
  const options = { requireHostHeader: false }
  if (config.tls === null) {
    return await listening(createPlainServer(options, answering), config.port, config, 'PORT', isSecure)
  }
  const secure = createSecureServer({ ...options, ...(await certificate(config.tls)) }, answering)
  const main = await listening(secure, config.port, config, 'PORT', isSecure)
  const { httpPort } = config.tls
  if (httpPort === null) return main
  try {
    const plain = createPlainServer(options, withOneHost(leadToHttps(config, main.port), false))
    const other = await listening(plain, httpPort, config, 'COATCHECK_HTTP_PORT', false)
    return {
      port: main.port,
      close: async (isReplaced) => void (await Promise.all([main.close(isReplaced), other.close(isReplaced)])),
    }
  } catch (error) {
    await main.close(false)
    throw error
  }
}

async function certificate({ cert, key }: NonNullable<Config['tls']>) {
  const read = async (setting: string, path: string) => {
    try {
      return await readFile(path)
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
      throw new ConfigError(`${setting} names ${path}, which cannot be read${code}: set it to a file in PEM.`, {
        cause,
      })
    }
  }
  const options = { cert: await read('COATCHECK_TLS_CERT', cert), key: await read('COATCHECK_TLS_KEY', key) }
  try {
    createSecureContext(options)
    return options
  } catch (cause) {
    throw new ConfigError(
      `COATCHECK_TLS_CERT and COATCHECK_TLS_KEY do not go together, or are no PEM: set them to a certificate and its own key (now ${cert} and ${key}).`,
      { cause },
    )
  }
}

/** Addresses that are for programs, not for people. */
const FOR_PROGRAMS = /^\/+(?:api|gate|healthz|readyz)(?:[/?]|$)/

/**
 * Pages are led to https; what would change something has been in the clear already, and is refused, as are programs: led
 * there each time, they would go on sending their cookie in the clear (ASVS 4.1.2).
 */
function leadToHttps({ origin, basePath }: Config, port: number): RequestListener {
  return function answer({ method, url = '/', headers }, response) {
    const host = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d+)?$/i.exec(headers.host ?? '')?.[1]
    const own = origin ?? (host === undefined ? null : `https://${host}${port === 443 ? '' : `:${port}`}`)
    const isPage = (method === 'GET' || method === 'HEAD') && !FOR_PROGRAMS.test(withoutBase(url, basePath))
    if (own === null || !/^\/[^\\]*$/.test(url) || !isPage) {
      response.writeHead(403, bareHeaders(false)).end('This is for https only.\n')
    } else {
      const location = new URL(url.replace(/^\/+/, '/'), own).href
      response.writeHead(308, { ...bareHeaders(false), location }).end()
    }
  }
}

const ADVICE: Readonly<Record<string, (setting: string, port: number, host: string) => string>> = {
  EADDRINUSE: (setting, port) =>
    `Port ${port} is taken: stop what uses it, or choose another one with ${setting}=${port + 1}.`,
  EACCES: (setting, port) =>
    `Port ${port} needs rights that this user has not: choose one above 1023, such as ${setting}=3000.`,
  EADDRNOTAVAIL: (_setting, _port, host) =>
    `This machine has no address ${host}: set HOST to one of its own, such as HOST=127.0.0.1.`,
  ENOTFOUND: (_setting, _port, host) =>
    `HOST=${host} is no name of this machine: set it to an address, such as HOST=127.0.0.1.`,
}

function listening(
  server: Server,
  port: number,
  { host, drain }: Config,
  setting: string,
  isSecure: boolean,
): Promise<Listening> {
  answerFaults(server, isSecure)
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const advice = ADVICE[error.code ?? '']
      reject(advice === undefined ? error : new ConfigError(advice(setting, port, host), { cause: error }))
    })
    server.listen(port, host, () => {
      const address = server.address()
      const bound = typeof address === 'object' && address !== null ? address.port : port
      resolve({ port: bound, close: (isReplaced) => closed(server, drain, isReplaced) })
    })
  })
}

/** How long requests under way may take to finish when the server stops, in milliseconds. */
const LONGEST_FINISH = 10_000

/** Node closes idle connections at once, and with them requests that are on their way; so they get a moment before. */
async function closed(server: Server, drain: number, isReplaced: boolean): Promise<void> {
  const gone = new Promise<void>((resolve) => server.once('close', resolve))
  // The close of HTTP would end idle connections as well.
  if (isReplaced) NetServer.prototype.close.call(server)
  if (drain > 0) await pause(drain)
  // What becomes idle only now, Node would keep until its time is up; and nobody may keep the server by half a request.
  const timer = setInterval(() => server.closeIdleConnections(), 50)
  const deadline = setTimeout(() => server.closeAllConnections(), LONGEST_FINISH)
  if (!isReplaced) server.close()
  await gone
  clearInterval(timer)
  clearTimeout(deadline)
}
