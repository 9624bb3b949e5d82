/** An answer that tells of a fault, as RFC 9457 has it; `headers` are to be sent with it. */
export interface Problem {
  readonly status: number
  readonly title: string
  /** For a person to read. */
  readonly detail: string
  readonly headers: Readonly<Record<string, string>>
  /** The body, `application/problem+json`. */
  readonly body: string
}

const TITLES = {
  401: 'Unauthorized',
  403: 'Forbidden',
  409: 'Conflict',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const

/** `more` are further members of the body. */
export function makeProblem(
  status: keyof typeof TITLES,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
  more: Readonly<Record<string, string>> = {},
): Problem {
  const title = TITLES[status]
  return {
    status,
    title,
    detail,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', ...headers, 'cache-control': 'no-store' },
    body: JSON.stringify({ type: 'about:blank', title, status, detail, ...more }),
  }
}

/** The answer to a fault of which the client need not know more. */
export const internalProblem: Problem = makeProblem(500, 'The server could not do what was asked.')
