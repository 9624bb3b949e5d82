import { createServer } from 'node:http'
import { Registry } from 'prom-client'
import { answerFaults } from '../bare-answers.ts'
import { type Config, ConfigError } from '../config.ts'

export interface MetricsListener {
  readonly port: number
  readonly close: () => Promise<void>
}

const CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE

/** Prometheus's own listener, apart from the pages, so that nobody who reaches these reaches it; `metrics` in its text format. @throws ConfigError */
export async function listenForMetrics(
  { host, port }: NonNullable<Config['metrics']>,
  metrics: () => Promise<string>,
): Promise<MetricsListener> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('The metrics are at /metrics.\n')
      return
    }
    metrics().then(
      (text) => response.writeHead(200, { 'content-type': CONTENT_TYPE, 'cache-control': 'no-store' }).end(text),
      () => response.writeHead(503).end(),
    )
  })
  answerFaults(server, false)
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
