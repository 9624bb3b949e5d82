import { CoatcheckError, CsrfError } from '../errors.ts'

/** An answer that tells of a fault, as RFC 9457 has it; `headers` are to be sent with it. */
export interface Problem {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body, `application/problem+json`. */
  readonly body: string
}

const OUTAGES: ReadonlySet<string> = new Set(['ERR_STORE_UNAVAILABLE', 'ERR_STORE_TIMEOUT', 'ERR_STORE_FULL'])
const RETRY_AFTER_SECONDS = 5

/** The answer to a failing store (503 with `Retry-After`, RFC 9110 10.2.3); null where the error is of another kind. */
export function outageProblem(error: unknown): Problem | null {
  if (!(error instanceof CoatcheckError) || !OUTAGES.has(error.code)) return null
  const detail = 'Sessions cannot be reached just now. Please try again in a moment.'
  return problem(503, 'Service Unavailable', detail, { 'retry-after': String(RETRY_AFTER_SECONDS) })
}

/** The answer to an error that the adapters answer themselves: a failing store, a request that was not the visitor's. */
export function knownProblem(error: unknown): Problem | null {
  return error instanceof CsrfError ? csrfProblem(error) : outageProblem(error)
}

function csrfProblem({ reason }: CsrfError): Problem {
  const detail =
    'This request did not come from a page of ours that is still good. Go back, load the page anew and try again.'
  return problem(403, 'Forbidden', detail, { vary: 'Sec-Fetch-Site, Origin' }, { reason })
}

/** The answer to a fault of which the client need not know more. */
export const internalProblem: Problem = problem(500, 'Internal Server Error', 'The server could not do what was asked.')

function problem(
  status: number,
  title: string,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
  more: Readonly<Record<string, string>> = {},
): Problem {
  return {
    status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', ...headers, 'cache-control': 'no-store' },
    body: JSON.stringify({ type: 'about:blank', title, status, detail, ...more }),
  }
}
