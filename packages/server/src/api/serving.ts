import type { Context, Hono } from 'hono'
import type { z } from 'zod'
import type { BodyFault } from '../actions/refusals.ts'
import { type Refused, refused, wasRefused } from '../actions/refusals.ts'
import type { Environment } from '../environment.ts'
import { freshlySignedIn, signedIn } from '../routes/guard.ts'
import { problem } from '../routes/messages.tsx'
import { refusalProblem } from '../routes/refusing.ts'
import { arrivalOf } from '../sessions.ts'
import { accountEndpoints } from './account.ts'
import { describe } from './describing.ts'
import { deviceEndpoints } from './devices.ts'
import type { Endpoint } from './endpoint.ts'
import { ownAccountEndpoints } from './own-account.ts'
import { recoveringEndpoints } from './recovering.ts'

const ENDPOINTS: readonly Endpoint[] = [
  ...accountEndpoints,
  ...ownAccountEndpoints,
  ...recoveringEndpoints,
  ...deviceEndpoints,
]

/** Serves the endpoints and their description. What is not in the table is 404, another method 405. */
export function serveApi(app: Hono<Environment>): void {
  app.get('/api/openapi.json', (c) => c.json(describe(ENDPOINTS, c.get('services').config)))
  for (const one of ENDPOINTS) {
    app.on(one.method.toUpperCase(), pathOf(one), async (c) => await answer(c, one))
  }
  for (const path of new Set(ENDPOINTS.map(pathOf))) {
    const methods = ENDPOINTS.filter((one) => pathOf(one) === path).map((one) => one.method.toUpperCase())
    app.all(path, (c) => {
      c.header('Allow', methods.join(', '))
      return problem(c, 405, 'Method Not Allowed', `Here it is ${methods.join(' or ')}.`, 'wrong-method')
    })
  }
}

/** `/api/devices/{id}` → `/api/devices/:id`, as Hono has it. */
const pathOf = ({ path }: Endpoint) => path.replace(/\{(\w+)\}/g, ':$1')

async function answer(c: Context<Environment>, one: Endpoint): Promise<Response> {
  const allowed = await sessionFor(c, one)
  if (allowed instanceof Response) return allowed
  const read = one.body === null ? { body: undefined } : await readBody(c, one.body)
  if (wasRefused(read)) return refusalProblem(c, read)
  const services = c.get('services')
  const outcome = await one.handle({ services, session: allowed, body: read.body, address: arrivalOf(c).address, c })
  if (outcome === undefined) return c.body(null, 204)
  return wasRefused(outcome) ? refusalProblem(c, outcome) : c.json(outcome, one.status === 201 ? 201 : 200)
}

async function sessionFor(c: Context<Environment>, { needs }: Endpoint) {
  if (needs === 'nobody') return await c.get('openSession')()
  return needs === 'fresh' ? await freshlySignedIn(c) : await signedIn(c)
}

async function readBody(
  c: Context<Environment>,
  schema: NonNullable<Endpoint['body']>,
): Promise<{ readonly body: unknown } | Refused> {
  // Only JSON by name: what a form can send does not count (CSRF).
  if (!/^application\/json\s*(?:;|$)/i.test(c.req.header('content-type') ?? '')) return refused('not-json')
  const given = jsonIn(await c.req.text())
  const parsed = schema.safeParse(given)
  return parsed.success ? { body: parsed.data } : { ...refused('body-unfit'), faults: faultsOf(given, parsed.error) }
}

const MOST_FAULTS = 5

/** What is wrong in which fields; none where the body is no object. What the fields hold is not told. */
function faultsOf(given: unknown, { issues }: z.ZodError): readonly BodyFault[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return []
  const faults = issues.flatMap((issue): BodyFault[] => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ field: shown(key), fault: 'unknown' }))
    const [field = ''] = issue.path.map(String)
    return [{ field, fault: Object.hasOwn(given, field) ? 'unfit' : 'missing' }]
  })
  return faults.slice(0, MOST_FAULTS)
}

/** A name of the client's own choice, as long as it can be one. */
const shown = (key: string): string => (/^[\w-]{1,64}$/.test(key) ? key : '?')

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Of no schema; the answer says what is asked for.
    return undefined
  }
}
