// Applications on node:http for the tests of held answers.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import express from 'express'
import express4 from 'express4'
import { onTestFinished } from 'vitest'
import { expressSessions } from '../../../../src/adapters/express.ts'
import { nodeSessions } from '../../../../src/adapters/node.ts'
import type { Session } from '../../../../src/index.ts'
import type { Received, Sent } from '../../../../src/testing/index.ts'
import { served } from '../../../contract/adapters/wire.ts'
import type { anApp, Data } from '../../core/app.ts'

export type App = ReturnType<typeof anApp>
export type Handler = (
  open: () => Promise<Session<Partial<Data>>>,
  response: ServerResponse,
  request: IncomingMessage,
) => unknown

/** Serves `handler`; what went wrong is told to `faults`. */
export type Serve = (
  app: App,
  handler: Handler,
  faults?: unknown[],
) => Promise<(sent: Partial<Sent>) => Promise<Received>>

export async function serve(listener: Parameters<typeof createServer>[1]): ReturnType<Serve> {
  const server = await served(createServer(listener))
  onTestFinished(() => server.close())
  return (sent) => server.send({ path: '/', ...sent })
}

const onExpress =
  (framework: typeof express): Serve =>
  async (app, handler, faults = []) => {
    const web = expressSessions(app.sessions)
    const mounted = framework().use(web)
    mounted.use((request: express.Request, response: express.Response, next: (error?: unknown) => void) => {
      const handling = async () => await handler(async () => web.of(request), response, request)
      handling().catch(next)
    })
    mounted.use((error: unknown, _request: unknown, response: express.Response, _next: unknown) => {
      faults.push(error)
      response.statusMessage = ''
      if (response.headersSent) response.destroy()
      else response.status(500).send('answered by the error handler')
    })
    return await serve(mounted)
  }

export const serves: Readonly<Record<string, Serve>> = {
  node: async (app, handler, faults = []) =>
    await serve(
      nodeSessions(
        app.sessions,
        async (request: IncomingMessage, response: ServerResponse, open) => await handler(open, response, request),
        { onError: (error) => faults.push(error) },
      ),
    ),
  'express 5': onExpress(express),
  'express 4': onExpress(express4),
}
