import { createSessions } from '../../index.ts'
import { expectEqual, expectTrue } from '../assert.ts'
import type { Case } from '../cases.ts'
import { until } from '../waiting.ts'
import { type AdapterContext, type AdapterKit, type AdapterRoutes, adapterCase, me, NAVIGATION } from './kit.ts'

const MINUTE = 60_000

/** Handlers that have begun their work, in all cases so far. */
let begun = 0

/** `/upload` waits for `go` and then writes; `/stream` begins to answer at once and ends with `go`. */
function routes(_: unknown, go: Promise<void>): AdapterRoutes {
  const upload: AdapterRoutes[string] = async (session) => {
    const { data } = await session()
    begun += 1
    await go
    data.n = 1
    return { body: 'uploaded' }
  }
  return {
    '/upload': upload,
    '/stream': async (session) => {
      const { userId } = await session()
      begun += 1
      return { body: streamFor(userId, go) }
    },
    '/passively/status': async (session) => {
      const { signedIn, endsAt } = await session()
      return { body: JSON.stringify({ signedIn, endsAt }) }
    },
    '/passively/upload': upload,
    '/download': () => {
      begun += 1
      return { body: streamFor('nobody asks', go) }
    },
  }
}

async function* streamFor(name: string | null, go: Promise<void>): AsyncGenerator<string> {
  yield `begun for ${name}`
  await go
  yield ', ended'
}

/** Minute by minute, while another process sweeps the same store. */
async function pass({ timers, clock }: AdapterKit, { store }: AdapterContext, minutes: number): Promise<void> {
  const keys = 'a-signing-key-of-the-adapters-0123456789'
  const other = createSessions({ store, keys, unshared: true, runtime: { now: clock.now, warn: () => undefined } })
  for (let minute = 0; minute < minutes; minute++) {
    await timers.advance(MINUTE)
    await other.sweep()
  }
}

/** Signs in, sends, and waits until the handler is at work. */
async function begin({ counting, signedIn }: AdapterKit, path: string, method = 'POST') {
  const ada = await signedIn()
  counting.reset()
  const before = begun
  const answer = ada.visit({ method, path })
  await until(() => begun > before, 'The handler did not begin.')
  return { ada, answer }
}

/** What keeps a session alive: requests whose answers have not begun, and nothing that comes after. */
export const longRequestCases: readonly Case<AdapterContext>[] = [
  adapterCase(
    7,
    'an upload of 45 minutes keeps its session alive, while another process sweeps, and is written',
    routes,
    async (kit, context) => {
      const { ada, answer } = await begin(kit, '/upload')
      await pass(kit, context, 45)
      const touches = kit.counting.total('touch')
      expectTrue(touches >= 40 && touches <= 46, `${touches} touches in 45 minutes, of one each minute.`)
      kit.go()
      expectEqual((await answer).body, 'uploaded')
      expectEqual(await me(ada), { userId: 'ada', ended: null, data: { n: 1 } })
    },
    { manualTimers: true },
  ),
  adapterCase(
    7,
    'an answer that has begun keeps no session alive: a stream of 45 minutes ends as idle',
    routes,
    async (kit, context) => {
      const { ada, answer } = await begin(kit, '/stream')
      await pass(kit, context, 45)
      expectEqual(kit.counting.total('touch'), 0)
      kit.go()
      expectEqual((await answer).body, 'begun for ada, ended')
      expectEqual(await me(ada), { userId: null, ended: 'idle', data: {} })
    },
    { manualTimers: true },
  ),
  adapterCase(
    7,
    'a stream that does not look at its session keeps it no longer alive',
    routes,
    async (kit, context) => {
      const { ada, answer } = await begin(kit, '/download', 'GET')
      await pass(kit, context, 45)
      kit.go()
      expectEqual((await answer).body, 'begun for nobody asks, ended')
      expectEqual((await me(ada)).ended, 'idle')
    },
    { manualTimers: true },
  ),
  adapterCase(
    4,
    'a session that is ended in the middle of an upload stays ended',
    routes,
    async (kit, context) => {
      const { ada, answer } = await begin(kit, '/upload')
      await pass(kit, context, 20)
      await kit.sessions.revokeUser('ada', { note: 'stolen' })
      await pass(kit, context, 20)
      kit.go()
      await answer
      expectEqual(await me(ada), { userId: null, ended: 'revoked', data: {} })
    },
    { manualTimers: true },
  ),
  adapterCase(
    7,
    'an upload keeps its session alive no longer than the policy says',
    routes,
    async (kit, context) => {
      const { ada, answer } = await begin(kit, '/upload')
      await pass(kit, context, 20 + 29)
      expectEqual((await kit.sessions.list('ada')).length, 1)
      await pass(kit, context, 2)
      expectEqual(await kit.sessions.list('ada'), [])
      kit.go()
      await answer
      expectEqual(await me(ada), { userId: null, ended: 'idle', data: {} })
    },
    { manualTimers: true, policy: { longestRequest: '20m' } },
  ),
  adapterCase(
    7,
    'what a page asks by itself keeps no session alive, however often it asks and however long it takes',
    routes,
    async (kit, context) => {
      const { ada, answer: slow } = await begin(kit, '/passively/upload', 'GET')
      const cookie = ada.token()
      const start = kit.clock.now()
      for (let asked = 0; asked < 29; asked++) {
        await pass(kit, context, 1)
        const { body } = await ada.visit({ path: '/passively/status', headers: NAVIGATION })
        expectEqual(JSON.parse(body), { signedIn: true, endsAt: start + 30 * MINUTE })
      }
      expectEqual([kit.counting.total('touch'), ada.token()], [0, cookie])
      await pass(kit, context, 1)
      expectEqual(JSON.parse((await ada.visit('/passively/status')).body), { signedIn: false, endsAt: null })
      kit.go()
      await slow
      expectEqual(await me(ada), { userId: null, ended: 'idle', data: {} })
    },
    { manualTimers: true, policy: { renewal: '10m' } },
  ),
  adapterCase(
    7,
    'a request that is refused for its token keeps no session alive',
    routes,
    async (kit, context) => {
      const ada = await kit.signedIn()
      const headers = { origin: 'null', 'x-csrf-token': 'not-the-token' }
      expectEqual((await ada.visit({ method: 'POST', path: '/upload', headers })).status, 403)
      kit.counting.reset()
      await pass(kit, context, 45)
      expectEqual(kit.counting.total('touch'), 0)
      expectEqual(await me(ada), { userId: null, ended: 'idle', data: {} })
    },
    { manualTimers: true },
  ),
  adapterCase(
    7,
    'an upload moves no absolute timeout',
    routes,
    async (kit, context) => {
      const { ada, answer } = await begin(kit, '/upload')
      await pass(kit, context, 39)
      expectEqual((await kit.sessions.list('ada')).length, 1)
      await pass(kit, context, 1)
      expectEqual(await kit.sessions.list('ada'), [])
      kit.go()
      await answer
      expectEqual((await me(ada)).ended, 'absolute')
    },
    { manualTimers: true, policy: { idle: '30m', absolute: '40m' } },
  ),
]
