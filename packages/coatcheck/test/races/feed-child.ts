// A process that follows the feed of a store; each line that it writes is something that it was told, or its age.
import { hasFeed } from '../../src/core/store/capabilities.ts'
import type { Change } from '../../src/core/store/store.ts'
import { until } from '../../src/testing/waiting.ts'
import { perform, turn } from '../faults/child.ts'
import type { Place } from '../redis/load/facts.ts'
import { openPlace } from '../redis/load/places.ts'

const write = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

async function follow(place: Place) {
  const { store, close } = await openPlace(place)
  if (!hasFeed(store)) throw new Error('The store has no feed.')
  const tell = ({ at: _at, keepUntil: _until, seq: _seq, ...change }: Change) => write(change)
  const feed = store.watch({
    ended: tell,
    changed: tell,
    gone: (id) => write({ kind: 'gone', subject: id }),
    missed: () => write({ kind: 'missed' }),
  })
  const wantsRemovals = place.engine !== 'sqlite'
  await until(() => feed.age() < 1_000 && (!wantsRemovals || feed.seesRemovals), 'The feed never began.')
  // The oldest that it was at any turn of the event loop: the first of them comes before anything of the feed's own.
  let oldest = 0
  const watching = setInterval(() => {
    oldest = Math.max(oldest, feed.age())
  }, 1)
  await turn()
  await turn()
  clearInterval(watching)
  const young = await until(() => feed.age() < 1_000, 'The feed stays old.').then(() => true)
  await feed.stop()
  await close()
  return { oldest, young }
}

await perform<Place>({ follow })
