import type { Problem } from '../../errors/problem.ts'
import { CoatcheckError } from '../../errors.ts'

/** The answer to an error that adapters answer themselves, because it is no fault of the application; else null. */
export function knownProblem(error: unknown): Problem | null {
  return error instanceof CoatcheckError ? error.problem : null
}

/** The answer to a failing store (503 with `Retry-After`, RFC 9110 10.2.3); null where the error is of another kind. */
export function outageProblem(error: unknown): Problem | null {
  const problem = knownProblem(error)
  return problem?.status === 503 ? problem : null
}
