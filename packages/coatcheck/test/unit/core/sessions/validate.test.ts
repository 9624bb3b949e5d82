import { expect, test } from 'vitest'
import type { StandardSchema } from '../../../../src/core/sessions/options.ts'
import { anApp, type Data, rejection } from '../app.ts'

type Issues = Awaited<ReturnType<StandardSchema['~standard']['validate']>>['issues']

/** Writes `n` under a schema that finds these issues. */
async function writeUnder(validate: (value: unknown) => Issues | Promise<Issues>) {
  const schema: StandardSchema = {
    '~standard': { version: 1, validate: async (value) => ({ issues: await validate(value) }) },
  }
  const app = anApp({ data: { schema } })
  const client = app.aClient()
  const work = client.visit((session) => {
    session.data.n = 1
  })
  return { ...app, client, work }
}

test.each<[string, Issues, string | null, string, string]>([
  ['a key', [{ path: ['n'] }], 'n', 'n', "'n'"],
  ['a place in a list', [{ path: ['cart', 3, 'price'] }], 'cart', 'cart.3.price', "'cart.3.price'"],
  ['a place in segments', [{ path: [{ key: 'cart' }, { key: 0 }] }], 'cart', 'cart.0', "'cart.0'"],
  ['a symbol', [{ path: [Symbol('s')] }], 'Symbol(s)', 'Symbol(s)', "'Symbol(s)'"],
  ['the whole, without a path', [{}], null, '', "'data'"],
  ['the whole, with an empty path', [{ path: [] }], null, '', "'data'"],
  ['the first of several', [{ path: ['a'] }, { path: ['b'] }], 'a', 'a', "'a'"],
])('an issue with %s is an error that names it, and nothing is written', async (_, issues, key, path, named) => {
  const { work, counting } = await writeUnder(() => issues)
  const error = await rejection(work)
  expect(error).toMatchObject({ code: 'ERR_DATA', fault: 'schema', key, path })
  expect((error as Error).message).toContain(named)
  expect(counting.counts()).toEqual({})
})

test.each<[string, Issues]>([
  ['without issues', undefined],
  ['with an empty list of issues', []],
])('an answer %s lets the data through', async (_, issues) => {
  const { work, counting } = await writeUnder(() => issues)
  await work
  expect(counting.counts()).toEqual({ create: 1 })
})

test('the schema sees a copy: what it does to it reaches nobody', async () => {
  const seen: unknown[] = []
  const { sessions, client, work } = await writeUnder((value) => {
    seen.push({ ...(value as Data) })
    Object.assign(value as Data, { role: 'planted' })
    return undefined
  })
  await work
  const session = await sessions.open(client.request())
  session.data.n = 2
  await sessions.save(session)
  expect(seen).toEqual([{ n: 1 }, { n: 2 }])
  expect({ ...session.data }).toEqual({ n: 2 })
})
