import { expect, test } from 'vitest'
import { pageAt, tableOf } from '../../../coatcheck/test/reference/page.ts'
import { REFUSALS, type RefusalCode } from '../../src/actions/refusals.ts'
import { refusals } from '../../src/texts/en/refusals.ts'
import { runningServer } from '../running.ts'

interface Schema {
  readonly type?: string | readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly string[]
  readonly format?: string
  readonly description?: string
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}
type Content = Readonly<Record<string, { readonly schema: Schema }>>
interface Operation {
  readonly summary: string
  readonly security: readonly object[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>
}
interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** What a value may be, in the words of JSON. */
function kindOf(schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(kindOf).join(' or ')
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(' or ')
  if (schema.items !== undefined) return `list of ${kindOf(schema.items)}`
  return schema.format === 'date-time' ? 'time' : [schema.type ?? 'any'].flat().join(' or ')
}

/** A row for each field, those of objects within it too: `user.name`. */
function fieldsOf(schema: Schema, prefix = ''): string[][] {
  if (schema.items !== undefined) return fieldsOf(schema.items, `${prefix}[].`.replace('.[]', '[]'))
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap((one) => fieldsOf(one, prefix))
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const optional = schema.required?.includes(name) === true ? '' : ', optional'
    return [
      [`\`${prefix}${name}\``, kindOf(field) + optional, field.description ?? ''],
      ...fieldsOf(field, `${prefix}${name}.`),
    ]
  })
}

const schemaIn = (content: Content | undefined) => content?.['application/json']?.schema

function bodyOf(title: string, schema: Schema | undefined): string[] {
  return schema === undefined ? [] : [...tableOf([title, 'is', ''], fieldsOf(schema))]
}

function needOf({ security, responses }: Operation): string {
  if (security.length === 0) return 'For anybody.'
  const isFresh = responses['401']?.description.includes('not-fresh') === true
  return isFresh ? 'For who has signed in within the last 15 minutes.' : 'For who is signed in.'
}

function operationOf(path: string, method: string, operation: Operation): string[] {
  const { summary, requestBody, responses } = operation
  const done = Object.entries(responses).find(([status]) => status.startsWith('2'))
  const reasons = Object.entries(responses).flatMap(([status, { description }]) =>
    (/^reason: (.+)$/.exec(description)?.[1] ?? '')
      .split(', ')
      .filter((code) => code !== '')
      .map((code) => `\`${code}\` (${status})`),
  )
  return [
    `## ${method.toUpperCase()} ${path}`,
    '',
    `${summary}. ${needOf(operation)} Answers ${done?.[0]}${reasons.length === 0 ? '.' : `, or refuses: ${reasons.join(', ')}.`}`,
    '',
    ...bodyOf('asked', schemaIn(requestBody?.content)),
    ...bodyOf('answered', schemaIn(done?.[1].content)),
  ]
}

function page({ paths }: Description): string {
  const facts = {
    least: 15,
    most: 128,
    minutes: 15,
    isAdministrator: true,
    faults: [{ field: 'username', fault: 'missing' }] as const,
  }
  return [
    '# The HTTP API of the server',
    '',
    'What pages can do, for programs. The same is served as OpenAPI 3.1 at `/api/openapi.json`, from which this page is made by `npm run docs`; a test fails when it is stale.',
    '',
    'Bodies are JSON, and a request that has one says so (`Content-Type: application/json`). The session travels in the cookie that pages use. ' +
      'Times are in UTC, as `2026-01-31T12:00:00.000Z`. A refusal is a problem detail (RFC 9457, `application/problem+json`) with `status`, `title`, ' +
      '`detail` (for a person, in their language) and `reason` (for a program); `429` and `503` have `Retry-After`. ' +
      "Whatever is asked for, it may be 403 where another site's page made the request ([CSRF](../concepts/csrf.md)), 413 for a body over 64 KiB, and 503 where the database cannot be reached.",
    '',
    ...Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => operationOf(path, method, operation)),
    ),
    '## Reasons',
    '',
    ...tableOf(
      ['reason', 'status', 'what a person is told'],
      (Object.keys(REFUSALS) as RefusalCode[]).map((code) => [
        `\`${code}\``,
        String(REFUSALS[code]),
        refusals[code](facts),
      ]),
    ),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

test('docs/reference/http-api.md is what the server says of itself (npm run docs writes it)', async () => {
  const { url } = await runningServer()
  const description = (await (await fetch(new URL('/api/openapi.json', url))).json()) as Description
  await expect(page(description)).toMatchFileSnapshot(pageAt('http-api.md'))
})
