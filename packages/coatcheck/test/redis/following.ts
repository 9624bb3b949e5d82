import { onTestFinished } from 'vitest'
import type { StoreFeed } from '../../src/core/store/capabilities.ts'
import { until } from '../../src/testing/waiting.ts'

/** What a feed tells, from when it has begun; it is stopped with the test. */
export async function followed(store: StoreFeed) {
  const gone: string[] = []
  const ended: (string | null)[] = []
  const counts = { missed: 0 }
  const feed = store.watch({
    ended: ({ subject }) => ended.push(subject),
    gone: (id) => gone.push(id),
    changed: () => undefined,
    missed: () => counts.missed++,
  })
  onTestFinished(() => feed.stop())
  await until(() => feed.aliveAt > 0, 'The feed never began.')
  return { feed, gone, ended, counts }
}
