import { knownProblem, problemFor } from '../../core/http/fault-answer.ts'
import { internalProblem, type Problem } from '../../errors/problem.ts'
import type { CsrfError } from '../../errors.ts'
import { headersBefore } from './answer-face.ts'
import { clearAnswer } from './clearing.ts'
import { headerOf, type NodeRequest, type NodeResponse } from './messages.ts'

/**
 * Answers an error of ours as it says itself (503 for an outage of the store), any other with 500, in place of what the
 * handler meant to say. Its cookies stay, and so do headers that were set before the adapter came, and those that protect.
 * An answer whose head has left is broken off.
 */
export function answerProblem(response: NodeResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const cookies = response.getHeader('set-cookie')
  clearAnswer(response, headersBefore(response))
  if (typeof cookies === 'string' || typeof cookies === 'object') response.setHeader('set-cookie', cookies)
  say(response, knownProblem(error) ?? internalProblem)
}

/**
 * Answers a request that is refused before its handler: with words where it wants a page, else with problem details.
 * Headers that are set already stay.
 */
export function answerFault(response: NodeResponse, fault: CsrfError, request?: NodeRequest): void {
  const { problem } = fault
  say(response, request === undefined ? problem : problemFor(problem, { get: (name) => headerOf(request, name) }))
}

function say(response: NodeResponse, { status, headers, body }: Problem): void {
  const present = response.getHeader('vary')
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, name === 'vary' && present !== undefined ? `${present}, ${value}` : value)
  }
  response.statusCode = status
  response.end(body)
}
