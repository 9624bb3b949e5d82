import { createServer, request as httpRequest } from 'node:http'
import type { Received, Sent, Served } from '../../../src/testing/index.ts'
import { served } from './wire.ts'

/** A proxy that keeps back the answers to requests which say so, and lets them go in any order. */
export interface HoldingProxy {
  readonly send: (sent: Sent) => Promise<Received>
  /** Sends a request whose answer is kept back; resolved when the proxy has that answer. */
  readonly hold: (name: string, sent: Sent) => Promise<{ readonly release: () => Promise<Received> }>
  readonly close: () => Promise<void>
}

const HOLD = 'x-hold'

/** Before `origin`, over sockets of its own on both sides. */
export async function holdingProxy(origin: Served): Promise<HoldingProxy> {
  const kept = new Map<
    string,
    { readonly arrived: PromiseWithResolvers<void>; readonly gate: PromiseWithResolvers<void> }
  >()
  const server = await served(
    createServer((request, response) => {
      const { [HOLD]: name, ...headers } = request.headers
      const onward = httpRequest(
        { port: origin.port, host: '127.0.0.1', method: request.method, path: request.url, headers, agent: false },
        async (answer) => {
          const hold = typeof name === 'string' ? kept.get(name) : undefined
          hold?.arrived.resolve()
          await hold?.gate.promise
          response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
          answer.pipe(response)
        },
      )
      request.pipe(onward)
    }),
  )
  return {
    send: server.send,
    async hold(name, sent) {
      const hold = { arrived: Promise.withResolvers<void>(), gate: Promise.withResolvers<void>() }
      kept.set(name, hold)
      const answer = server.send({ ...sent, headers: { ...sent.headers, [HOLD]: name } })
      await hold.arrived.promise
      return {
        async release() {
          hold.gate.resolve()
          return await answer
        },
      }
    },
    close: server.close,
  }
}
