// An application's process that sweeps beside others; each line that it writes is a call of its store.
import { createSessions } from '../../src/index.ts'
import { runtime } from '../../src/runtime/node.ts'
import { intercept } from '../../src/testing/intercept.ts'
import { perform, turn } from '../faults/child.ts'

/** Where the store is. */
export type Place = { readonly file: string } | { readonly port: number }

/** Timers run so many times as fast as the clock, so that nobody waits, and a slow machine lets no lease lapse. */
const FASTER = 200

/** Loads what it needs, since the test waits for it. */
async function open(place: Place) {
  if ('file' in place) return (await import('../../src/stores/sqlite.ts')).sqliteStore(place.file)
  const { Redis } = await import('ioredis')
  return (await import('../../src/stores/redis.ts')).redisStore(new Redis(place.port, '127.0.0.1'))
}

/** Sweeps about every 30 seconds of its timers. Whenever it is told to go on, its clock is five minutes further. */
async function sweep(place: Place): Promise<void> {
  const store = await open(place)
  let shift = 0
  const sessions = createSessions({
    store: intercept(store, async ({ method }, proceed) => {
      const answer = await proceed()
      process.stdout.write(`${method} ${method === 'setMark' ? String(answer) : ''}\n`)
      return answer
    }),
    keys: 'a-signing-key-of-several-processes-0123456789',
    runtime: {
      now: () => Date.now() + shift,
      after: (ms, task, hold) => runtime.after(ms > 1_000 ? ms / FASTER : ms, task, hold),
    },
  })
  sessions.startSweeping('30s')
  for (;;) {
    await turn()
    shift += 300_000
  }
}

await perform<Place>({ sweep })
