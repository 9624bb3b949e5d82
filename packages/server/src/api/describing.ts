import { z } from 'zod'
import { REFUSALS, type RefusalCode } from '../actions/refusals.ts'
import type { Config } from '../config.ts'
import type { Endpoint } from './endpoint.ts'

const PROBLEM = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('for a person, in their language'),
  reason: z.string().optional().describe('for a program'),
  faults: z
    .array(z.object({ field: z.string(), fault: z.enum(['missing', 'unknown', 'unfit']) }))
    .optional()
    .describe('of `body-unfit`: what is wrong in which fields'),
})

const schemaOf = (schema: z.ZodType) => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema)
  return rest
}

/** The description of the endpoints, after OpenAPI 3.1. */
export function describe(
  endpoints: readonly Endpoint[],
  { basePath, cookieName }: Pick<Config, 'basePath' | 'cookieName'>,
): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const one of endpoints) {
    paths[one.path] ??= {}
    Object.assign(paths[one.path] ?? {}, { [one.method]: operationOf(one) })
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Coatcheck',
      version: '1',
      description:
        'Sign-up, sign-in and devices. The session travels in a cookie. Refusals are problem details (RFC 9457); `reason` says why.',
    },
    ...(basePath !== '' && { servers: [{ url: basePath }] }),
    paths,
    components: {
      schemas: { Problem: schemaOf(PROBLEM) },
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: `__Host-${cookieName}`,
          description: `\`${cookieName}\` where the server is reached by http on its own machine`,
        },
      },
    },
  }
}

function operationOf({ name, summary, needs, path, body, status, answer, refusals }: Endpoint): object {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => ({
    name: parameter,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  return {
    operationId: name,
    summary,
    security: needs === 'nobody' ? [] : [{ session: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(body !== null && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } },
    }),
    responses: {
      [status]: {
        description: 'Done',
        ...(answer !== null && { content: { 'application/json': { schema: schemaOf(answer) } } }),
      },
      ...ALWAYS,
      ...refusedWith([...refusals, ...implied(needs, body !== null)]),
    },
  }
}

const PROBLEM_ANSWER = {
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}

/** What any request may be answered, whatever it asks for. */
const ALWAYS = {
  '403': { description: 'A page of another site made the request', ...PROBLEM_ANSWER },
  '413': { description: 'The body is larger than 64 KiB', ...PROBLEM_ANSWER },
  '503': { description: 'Later: `Retry-After` says when', ...PROBLEM_ANSWER },
}

function implied(needs: Endpoint['needs'], hasBody: boolean): readonly RefusalCode[] {
  const fresh: readonly RefusalCode[] = needs === 'fresh' ? ['not-fresh'] : []
  const signedIn: readonly RefusalCode[] = needs === 'nobody' ? [] : ['not-signed-in', ...fresh]
  return hasBody ? [...signedIn, 'not-json', 'body-unfit'] : signedIn
}

/** By status, with the reasons that there are. */
function refusedWith(codes: readonly RefusalCode[]): Record<string, object> {
  const statuses = new Set(codes.map((code) => REFUSALS[code]))
  return Object.fromEntries(
    [...statuses].map((status) => [
      String(status),
      {
        description: `reason: ${codes.filter((code) => REFUSALS[code] === status).join(', ')}`,
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  )
}
