import { describe, expect, test } from 'vitest'
import type { StandardSchema } from '../../../../src/core/sessions/options.ts'
import { anApp, type Data, rejection } from '../app.ts'

/** Every session has a role, of letters. */
const schema: StandardSchema = {
  '~standard': {
    version: 1,
    validate: (value) => (/^[a-z]+$/.test((value as Data).role ?? '') ? {} : { issues: [{ path: ['role'] }] }),
  },
}

describe('a change of all sessions of a user', () => {
  test.each<[string, Parameters<ReturnType<typeof anApp>['sessions']['updateUser']>[1]]>([
    ['sets what does not fit the schema', { set: { role: 'A7' } }],
    ['removes what the schema asks for', { unset: ['role'] }],
  ])('that %s is refused, and no session is changed', async (_, change) => {
    const { sessions, signedIn, inner } = anApp({ data: { schema } })
    const ada = await signedIn({ role: 'admin' })
    await signedIn({ role: 'user' })
    const [before, epoch] = [(await inner.listUser('ada')).items, (await inner.userEpoch('ada')).epoch]
    expect(await rejection(sessions.updateUser('ada', change))).toMatchObject({ code: 'ERR_DATA', fault: 'schema' })
    expect([(await inner.listUser('ada')).items, (await inner.userEpoch('ada')).epoch]).toEqual([before, epoch])
    await ada.visit((session) => {
      session.data.n = 1
    })
    expect(await ada.visit((session) => session.data.n)).toBe(1)
  })

  test.each<[string, Data, 'size' | 'keys']>([
    ['larger', { text: 'x'.repeat(90) }, 'size'],
    ['of more keys', { a: 1, b: 2, c: 3 }, 'keys'],
  ])('that would make one of them %s than a session may be is refused, and none is changed', async (_, set, fault) => {
    const { sessions, signedIn, inner } = anApp({ data: { maxBytes: 150, maxKeys: 4 } })
    await signedIn({ role: 'user' })
    await signedIn({ role: 'user', cart: ['x'.repeat(60)] })
    const before = (await inner.listUser('ada')).items
    expect(await rejection(sessions.updateUser('ada', { set }))).toMatchObject({ code: 'ERR_DATA', fault })
    expect((await inner.listUser('ada')).items).toEqual(before)
  })

  test('does not fail on one that did not fit before: a role is taken away all the same', async () => {
    const app = anApp()
    const ada = await app.signedIn({ role: 'ADMIN', text: 'x'.repeat(200) })
    const later = app.make({ data: { maxBytes: 150, schema } })
    expect(await later.updateUser('ada', { set: { role: 'USER' } })).toBe(1)
    expect((await later.open(ada.request())).data.role).toBe('USER')
  })

  test('counts initial values as there', async () => {
    const { sessions, signedIn } = anApp({ data: { schema, initial: () => ({ role: 'guest' }) } })
    await signedIn()
    expect(await sessions.updateUser('ada', { set: { n: 1 } })).toBe(1)
  })

  test('is not held up by sessions that are over', async () => {
    const { sessions, signedIn, clock } = anApp({ data: { maxBytes: 150 } })
    await signedIn({ text: 'x'.repeat(120) })
    clock.advance('13h')
    await signedIn()
    expect(await sessions.updateUser('ada', { set: { other: 'y'.repeat(100) } })).toBe(1)
  })
})
