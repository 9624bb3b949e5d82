import type { Attributes } from '@opentelemetry/api'

/** Those that OpenTelemetry's conventions know; any other one is `_OTHER`, so that nobody makes up rows of numbers. */
const METHODS: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'TRACE',
])

/** A request's method, as the conventions have it. */
export const methodAttributes = (method: string): Attributes => ({
  'http.request.method': METHODS.has(method) ? method : '_OTHER',
})

/** An answer, as the conventions have it: no route where none is ours, and a type of error where it is one of the server. */
export const answerAttributes = (route: string, status: number): Attributes => ({
  'http.response.status_code': status,
  ...(route !== '' && { 'http.route': route }),
  ...(status >= 500 && { 'error.type': String(status) }),
})

/** What a span of a request is called, from its attributes. */
export function spanName({ 'http.request.method': method, 'http.route': route }: Attributes): string {
  const known = method === '_OTHER' ? 'HTTP' : String(method)
  return route === undefined ? known : `${known} ${String(route)}`
}
