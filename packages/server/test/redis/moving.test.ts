import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { copyStore } from 'coatcheck/stores/moving'
import { expect, test } from 'vitest'
import { startServer } from '../../src/server.ts'
import { openLocation, openStore } from '../../src/session-store/opening.ts'
import { Client, dataFolder, runningServer, testConfig } from '../running.ts'
import { locationOf, startedRedis } from './locations.ts'

test('a server moves from SQLite to Redis: nobody is signed out, and who was ended stays out', async () => {
  const data = dataFolder()
  const store = locationOf((await startedRedis()).url)
  const movingFrom = { topology: 'file', path: join(data, 'coatcheck.db') } as const
  const client = (url: string, from?: Client) => {
    const one = new Client(url)
    for (const [name, value] of from?.cookies ?? []) one.cookies.set(name, value)
    return one
  }
  const dashboard = async (one: Client) => (await one.get('/dashboard')).status

  const old = await startServer(testConfig(data))
  const [laptop, phone, tablet] = [client(old.url), client(old.url), client(old.url)]
  expect(await laptop.signUp('alice')).toBe('303 → /login?welcome')
  for (const one of [laptop, phone, tablet]) expect(await one.signIn('alice')).toBe('303 → /dashboard')
  const bobs = client(old.url)
  expect(await bobs.signUp('bob')).toBe('303 → /login?welcome')
  expect(await bobs.signIn('bob')).toBe('303 → /dashboard')
  await old.stop()

  const both = await startServer(testConfig(data, { store, movingFrom }))
  const [laptopNow, phoneNow] = [client(both.url, laptop), client(both.url, phone)]
  expect([await dashboard(laptopNow), await dashboard(phoneNow)]).toEqual([200, 200])
  expect(await laptopNow.seen(laptopNow.post('/account/sessions/end-others'))).toMatch(/^303/)
  expect(await dashboard(phoneNow)).toBe(303)
  const fresh = client(both.url)
  expect(await fresh.signIn('alice')).toBe('303 → /dashboard')
  const [from, to] = [await openLocation(movingFrom), await openLocation(store)]
  expect(await copyStore(from.store, to.store)).toMatchObject({ behind: 0 })
  to.disconnect()
  await from.store.close()
  await both.stop()

  const { url } = await runningServer(data, { store })
  for (const one of [laptopNow, fresh, bobs]) expect(await dashboard(client(url, one))).toBe(200)
  for (const one of [phone, tablet]) expect(await dashboard(client(url, one))).toBe(303)
}, 60_000)

test('a source that cannot be one is told in a sentence, and no file is made', async () => {
  const data = dataFolder()
  const path = join(data, 'coatcheck.db')
  const own = openStore({ store: null, movingFrom: { topology: 'file', path } }, path)
  await expect(own).rejects.toThrow(/^COATCHECK_STORE_MOVING_FROM names the store that the sessions are in already/)
  const missing = openStore({ store: null, movingFrom: { topology: 'file', path: '/no/such.db' } }, path)
  await expect(missing).rejects.toThrow(/^There is no file \/no\/such.db/)
  symlinkSync(join(data, '..'), join(data, '..', 'link'))
  mkdirSync(data)
  writeFileSync(path, '')
  const linked = join(data, '..', 'link', 'data', 'coatcheck.db')
  const again = openStore({ store: null, movingFrom: { topology: 'file', path: linked } }, path)
  await expect(again).rejects.toThrow(/^COATCHECK_STORE_MOVING_FROM names the store that the sessions are in already/)
  const gone = openStore({ store: null, movingFrom: locationOf('redis://127.0.0.1:1') }, path, 500)
  await expect(gone).rejects.toThrow(/mend COATCHECK_STORE_MOVING_FROM/)
})

test('a Redis that is named by two names is told to be one; another database or namespace of it is another store', async () => {
  const { url } = await startedRedis()
  const moving = (from: string) => openStore({ store: locationOf(url), movingFrom: locationOf(from) }, '')
  await expect(moving(url.replace('127.0.0.1', 'localhost'))).rejects.toThrow(
    /^COATCHECK_STORE_MOVING_FROM names the store that the sessions are in already: leave it away\.$/,
  )
  for (const from of [url.replace('/1?', '/2?'), url.replace('namespace=test', 'namespace=other')]) {
    const { store, disconnect } = await moving(from)
    await store.close()
    disconnect()
  }
})
