import { isProtective } from '../../core/http/fault-answer.ts'
import type { NodeResponse, OutgoingHeaders } from './messages.ts'

/** Takes back what a handler has said of its answer: what is left are the headers of `before`, and those that protect. */
export function clearAnswer(response: NodeResponse, before: OutgoingHeaders | null): void {
  const kept = before ?? {}
  for (const name of response.getHeaderNames()) {
    if (!isProtective(name) && kept[name] === undefined) response.removeHeader(name)
  }
  for (const [name, value] of Object.entries(kept)) {
    if (value !== undefined && response.getHeader(name) !== value) response.setHeader(name, value)
  }
  // The words beside the status, only where they were set: HTTP/2 has none, and warns.
  if (Object.hasOwn(response, 'statusMessage')) response.statusMessage = ''
}
