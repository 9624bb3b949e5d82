import type { Case } from '../cases.ts'
import { answerCases } from './answers.ts'
import { cookieCases } from './cookies.ts'
import { csrfCases } from './csrf.ts'
import { csrfTokenCases } from './csrf-tokens.ts'
import type { AdapterContext } from './kit.ts'
import { lifetimeCases } from './lifetimes.ts'
import { longRequestCases } from './long-requests.ts'
import { outageCases } from './outages.ts'

export type {
  AdapterContext,
  AdapterData,
  AdapterRoute,
  AdapterRoutes,
  AdapterSession,
  AdapterSessions,
  Received,
  Reply,
  RouteRequest,
  Sent,
  Served,
} from './kit.ts'
export { isServedInOutage, isServedPassively } from './kit.ts'

/**
 * What every adapter has to do, whatever its framework does with answers; driven over real sockets. The glue that a test
 * brings serves `AdapterRoutes` in the framework's own words.
 */
export const adapterContract: readonly Case<AdapterContext>[] = [
  ...cookieCases,
  ...answerCases,
  ...lifetimeCases,
  ...longRequestCases,
  ...outageCases,
  ...csrfCases,
  ...csrfTokenCases,
]
