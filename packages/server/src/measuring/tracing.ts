import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { Environment } from '../environment.ts'
import { answerAttributes, methodAttributes, spanName } from './http-attributes.ts'

/**
 * Measures each answer, and makes a span of it (OpenTelemetry's conventions for HTTP servers) below the caller's, where an
 * SDK is registered. No query, header or body is in it: they may hold codes.
 */
export const measureAnswers: MiddlewareHandler<Environment> = async (c, next) => {
  const { measures } = c.get('services')
  const parent = propagation.extract(context.active(), Object.fromEntries(c.req.raw.headers))
  const { method } = c.req
  const scheme = c.req.url.startsWith('https:') ? 'https' : 'http'
  const asked = { ...methodAttributes(method), 'url.path': c.req.path, 'url.scheme': scheme }
  const began = performance.now()
  const options = { kind: SpanKind.SERVER, attributes: asked }
  await trace.getTracer('coatcheck').startActiveSpan(spanName(asked), options, parent, async (span) => {
    await next()
    const { status } = c.res
    const route = routeOf(c)
    const answered = answerAttributes(route, status)
    span.updateName(spanName({ ...asked, ...answered })).setAttributes(answered)
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
    measures.request({ method, scheme, route, status, seconds: (performance.now() - began) / 1000 })
  })
}

/** The pattern that a handler of ours has; those with a star are what stands before all of them. Empty where there is none. */
const routeOf = (c: Context) => matchedRoutes(c).find(({ path }) => !path.includes('*'))?.path ?? ''
