import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { MiddlewareHandler } from 'hono'
import { routePath } from 'hono/route'
import type { Environment } from '../environment.ts'

/**
 * Measures each answer, and makes a span of it (OpenTelemetry's conventions for HTTP servers) below the caller's, where an
 * SDK is registered. No query, header or body is in it: they may hold codes.
 */
export const measureAnswers: MiddlewareHandler<Environment> = async (c, next) => {
  const { measures } = c.get('services')
  const parent = propagation.extract(context.active(), Object.fromEntries(c.req.raw.headers))
  const { method } = c.req
  const attributes = { 'http.request.method': method, 'url.path': c.req.path, 'url.scheme': schemeOf(c.req.url) }
  const began = performance.now()
  const options = { kind: SpanKind.SERVER, attributes }
  await trace.getTracer('coatcheck').startActiveSpan(method, options, parent, async (span) => {
    await next()
    const route = routePath(c, -1)
    const { status } = c.res
    const known = status === 404 && route.includes('*') ? '' : route
    span.updateName(`${method} ${known}`.trimEnd())
    span.setAttributes({ 'http.route': known, 'http.response.status_code': status })
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
    measures.request({ method, route: known, status, seconds: (performance.now() - began) / 1000 })
  })
}

const schemeOf = (url: string) => (url.startsWith('https:') ? 'https' : 'http')
