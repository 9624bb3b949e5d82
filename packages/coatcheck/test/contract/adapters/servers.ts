/// <reference path="./express4.d.ts" />
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { getRequestListener } from '@hono/node-server'
import express from 'express'
import express4 from 'express4'
import { Hono } from 'hono'
import { expressSessions } from '../../../src/adapters/express.ts'
import { withSession } from '../../../src/adapters/fetch.ts'
import { honoSessions, type SessionVariables } from '../../../src/adapters/hono.ts'
import { type NodeOptions, nodeSessions } from '../../../src/adapters/node.ts'
import type {
  AdapterContext,
  AdapterData,
  AdapterRoutes,
  AdapterSessions,
  Reply,
  RouteRequest,
} from '../../../src/testing/index.ts'
import { isServedInOutage, isServedPassively } from '../../../src/testing/index.ts'
import { served } from './wire.ts'

type Serve = AdapterContext['serve']

export type Adapter = Omit<AdapterContext, 'store' | 'close'>

/** Says a reply with the means of `node:http`. */
async function say(response: ServerResponse, { status = 200, headers = {}, body }: Reply): Promise<void> {
  response.writeHead(status, headers)
  if (typeof body === 'object') await pipeline(Readable.from(body), response)
  else response.end(body)
}

const whenPathIs = (path = '/') => (isServedInOutage(path) ? 'anonymous' : 'throw')
const ofNode: NodeOptions = {
  whenStoreIsOut: ({ url }) => whenPathIs(url),
  passive: ({ url = '/' }) => isServedPassively(url),
}

/** For a server of the test's own making, such as one that speaks TLS. */
export function nodeListener(sessions: AdapterSessions, routes: AdapterRoutes) {
  return nodeSessions(
    sessions,
    async (request: IncomingMessage, response: ServerResponse, open) =>
      await say(response, await routeOf(routes, request.url)(open, asked(request))),
    { ...ofNode, onError: () => undefined },
  )
}

const serveNode: Serve = async (sessions, routes) => await served(createServer(nodeListener(sessions, routes)))

/** What a route may ask of a request of `node:http`. */
function asked(request: IncomingMessage): RouteRequest {
  return {
    method: request.method ?? 'GET',
    form: async () => new URLSearchParams(await text(request)),
    // Who stops reading still has an answer to give, on the same socket.
    chunks: () => request.iterator({ destroyOnReturn: false }),
  }
}

function fetched(request: Request): RouteRequest {
  return {
    method: request.method,
    form: () => request.formData(),
    chunks: () => request.body?.values({ preventCancel: true }) ?? Readable.from([]),
  }
}

function routeOf(routes: AdapterRoutes, url = '/') {
  const path = url.split('?', 1)[0] ?? '/'
  return routes[path] ?? (() => ({ status: 404 }))
}

/** As an application would have it: some routes use Express's own ways to answer, and errors go to its own handler. */
const serveExpress =
  (framework: typeof express): Serve =>
  async (sessions, routes) => {
    const app = framework()
    const web = expressSessions(sessions, ofNode)
    app.use(web)
    for (const [path, route] of Object.entries(routes)) {
      app.all(
        path,
        web.handler<express.Request, express.Response>(async (request, response) => {
          const { status = 200, headers = {}, body } = await route(async () => request.session, asked(request))
          response.status(status).set(headers)
          if (typeof body === 'object') await pipeline(Readable.from(body), response)
          else if (headers['location'] !== undefined) response.redirect(status, headers['location'])
          else response.send(body)
        }),
      )
    }
    app.use(quietErrors)
    return await served(createServer(app))
  }

/** As Express's own in production, which writes to the console besides. */
function quietErrors(error: unknown, _request: unknown, response: express.Response, _next: unknown): void {
  const { status = 500, headers = {} } = Object(error)
  if (response.headersSent) response.destroy()
  else response.status(status).set(headers).send('failed')
}

const serveHono: Serve = async (sessions, routes) => {
  const app = new Hono<{ Variables: SessionVariables<Partial<AdapterData>> }>()
  // As Hono's own, which writes to the console besides.
  app.onError((error, c) => ('getResponse' in error ? error.getResponse() : c.text('failed', 500)))
  app.use(
    honoSessions(sessions, {
      whenStoreIsOut: ({ req }) => whenPathIs(new URL(req.raw.url).pathname),
      passive: ({ req }) => isServedPassively(new URL(req.raw.url).pathname),
    }),
  )
  for (const [path, route] of Object.entries(routes)) {
    app.all(path, async (c) => responseOf(await route(async () => c.get('session'), fetched(c.req.raw))))
  }
  return await served(createServer(listenerOf((request) => app.fetch(request))))
}

const serveFetch: Serve = async (sessions: AdapterSessions, routes) => {
  const handler = withSession(
    sessions,
    async (request, open) => {
      return responseOf(await routeOf(routes, new URL(request.url).pathname)(open, fetched(request)))
    },
    {
      whenStoreIsOut: ({ url }) => whenPathIs(new URL(url).pathname),
      passive: ({ url }) => isServedPassively(new URL(url).pathname),
      onError: () => undefined,
    },
  )
  return await served(createServer(listenerOf(handler)))
}

/** `@hono/node-server` turns any fetch-standard handler into a listener of `node:http`. */
function listenerOf(fetch: (request: Request) => Response | Promise<Response>) {
  return getRequestListener(fetch, { overrideGlobalObjects: false })
}

function responseOf({ status = 200, headers = {}, body }: Reply): Response {
  const isNull = status === 204 || status === 304
  const stream = typeof body === 'object' ? ReadableStream.from(body).pipeThrough(new TextEncoderStream()) : body
  return new Response(isNull ? null : (stream ?? null), { status, headers })
}

export const adapters: Readonly<Record<string, Adapter>> = {
  fetch: { serve: serveFetch, opensAhead: false, savesLate: false, breaksOff: false },
  node: { serve: serveNode, opensAhead: false, savesLate: true, breaksOff: true },
  'express 5': { serve: serveExpress(express), opensAhead: true, savesLate: true, breaksOff: true },
  'express 4': { serve: serveExpress(express4), opensAhead: true, savesLate: true, breaksOff: true },
  hono: { serve: serveHono, opensAhead: true, savesLate: false, breaksOff: false },
}
