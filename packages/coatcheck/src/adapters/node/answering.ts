import { knownProblem } from '../../core/known-problem.ts'
import { internalProblem } from '../../core/problem.ts'
import type { CsrfError } from '../../errors.ts'
import { clearReason } from './head.ts'
import type { NodeResponse } from './messages.ts'

/**
 * Answers an error of ours as it says itself (503 for an outage of the store), any other with 500, in place of what the
 * handler meant to say; its cookies stay. An answer whose head has left is broken off.
 */
export function answerProblem(response: NodeResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const { status, headers, body } = knownProblem(error) ?? internalProblem
  for (const name of response.getHeaderNames()) if (name !== 'set-cookie') response.removeHeader(name)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  clearReason(response)
  response.statusCode = status
  response.end(body)
}

/** Answers a request that is refused before its handler. Headers that are set already stay. */
export function answerFault(response: NodeResponse, fault: CsrfError): void {
  const { status, headers, body } = fault.problem
  const vary = response.getHeader('vary')
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (vary !== undefined) response.setHeader('vary', `${vary}, ${headers['vary']}`)
  clearReason(response)
  response.statusCode = status
  response.end(body)
}
