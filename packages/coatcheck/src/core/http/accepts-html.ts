import type { Problem } from '../../errors/problem.ts'
import type { RequestLike } from './transport.ts'

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
