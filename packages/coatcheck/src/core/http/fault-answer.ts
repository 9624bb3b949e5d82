import type { Problem } from '../../errors/problem.ts'
import { CoatcheckError } from '../../errors.ts'
import type { RequestLike } from './transport.ts'

/** The answer to an error that adapters answer themselves, because it is no fault of the application; else null. */
export function knownProblem(error: unknown): Problem | null {
  return error instanceof CoatcheckError ? error.problem : null
}

/** The answer to a failing store (503 with `Retry-After`, RFC 9110 10.2.3); null where the error is of another kind. */
export function outageProblem(error: unknown): Problem | null {
  const problem = knownProblem(error)
  return problem?.status === 503 ? problem : null
}

/** What of a request says whether a person waits for a page. */
export interface Wanted {
  readonly accept: string | null
  /** `Sec-Fetch-Dest`. */
  readonly destination: string | null
}

const PAGE = /^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i
/** A weight of nothing: what is not wanted (RFC 9110 12.4.2). */
const UNWANTED = /;\s*q\s*=\s*0(?:\.0{0,3})?\s*(?:;|$)/i

/** A person's navigation, or a client from which nothing else is known but that it takes HTML. */
export function wantsPage({ accept, destination }: Wanted): boolean {
  if (destination !== null && destination !== 'document' && destination !== 'iframe') return false
  return (accept ?? '').split(',').some((range) => PAGE.test(range) && !UNWANTED.test(range))
}

/** The same answer in words for people where the request wants a page. */
export function problemFor(problem: Problem, { get }: { readonly get: RequestLike['headers']['get'] }): Problem {
  if (!wantsPage({ accept: get('accept'), destination: get('sec-fetch-dest') })) return problem
  const { title, detail } = problem
  const headers = { ...problem.headers, 'content-type': 'text/plain; charset=utf-8' }
  return { ...problem, headers, body: `${title}. ${detail}\n` }
}

/** Headers that protect the client whatever the answer is, or let a page of another origin read it. */
const PROTECTIVE =
  /^(?:content-security-policy(?:-report-only)?|strict-transport-security|x-content-type-options|x-frame-options|referrer-policy|permissions-policy|cross-origin-[a-z-]+|access-control-[a-z-]+)$/

/** Whether an error's answer is to keep a header of the answer that it replaces; `name` in lower case. */
export function isProtective(name: string): boolean {
  return PROTECTIVE.test(name)
}

/** Takes such headers over into the answer that is given instead. */
export function keepProtective(from: Response, to: Response): void {
  for (const [name, value] of from.headers) if (isProtective(name)) to.headers.set(name, value)
}
