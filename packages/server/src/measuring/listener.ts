import { createServer } from 'node:http'
import type { Store } from 'coatcheck'
import { type Config, ConfigError } from '../config.ts'
import type { Measures } from './measures.ts'
import { statsOf } from './measures.ts'

export interface MetricsListener {
  readonly port: number
  readonly close: () => Promise<void>
}

/** Prometheus's own listener, apart from the pages, so that nobody who reaches these reaches it. @throws ConfigError */
export async function listenForMetrics(
  { host, port }: NonNullable<Config['metrics']>,
  measures: Measures,
  store: Store,
): Promise<MetricsListener> {
  const stats = statsOf(store)
  const server = createServer((request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('The metrics are at /metrics.\n')
      return
    }
    measures.text(stats).then(
      (text) =>
        response.writeHead(200, { 'content-type': measures.contentType, 'cache-control': 'no-store' }).end(text),
      () => response.writeHead(503).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const message = `COATCHECK_METRICS cannot listen on ${host}:${port} (${cause.code}): choose another one, such as COATCHECK_METRICS=127.0.0.1:9464.`
      reject(new ConfigError(message, { cause }))
    })
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
