import type { NodeResponse, OutgoingHeaders } from './messages.ts'

/** What protects the client whatever the answer is, or lets a page of another origin read it: also of use to an error's answer. */
const PROTECTS =
  /^(?:content-security-policy(?:-report-only)?|strict-transport-security|x-content-type-options|x-frame-options|referrer-policy|permissions-policy|cross-origin-[a-z-]+|access-control-[a-z-]+)$/

/** Takes back what a handler has said of its answer: what is left are the headers of `before`, and those that protect. */
export function clearAnswer(response: NodeResponse, before: OutgoingHeaders | null): void {
  for (const name of response.getHeaderNames()) if (!PROTECTS.test(name)) response.removeHeader(name)
  for (const [name, value] of Object.entries(before ?? {})) if (value !== undefined) response.setHeader(name, value)
  // The words beside the status, only where they were set: HTTP/2 has none, and warns.
  if (Object.hasOwn(response, 'statusMessage')) response.statusMessage = ''
}
