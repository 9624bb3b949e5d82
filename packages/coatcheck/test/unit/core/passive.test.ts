import { expect, test } from 'vitest'
import { anApp, NAVIGATION } from './app.ts'

test('a passive request keeps no session alive, renews nothing, and tells when it really ends', async () => {
  const { sessions, signedIn, clock, counting } = anApp({ policy: { renewal: '10m' } })
  const ada = await signedIn()
  const began = clock.now()
  for (let i = 0; i < 29; i++) {
    clock.advance('1m')
    counting.reset()
    const session = await sessions.open(ada.request(NAVIGATION), { passive: true })
    expect([session.userId, session.endsAt]).toEqual(['ada', began + 30 * 60_000])
    expect(counting.counts()).toEqual({ read: 1 })
  }
  clock.advance('1m')
  expect((await sessions.open(ada.request(), { passive: true })).ended?.reason).toBe('idle')
})
