import { keyIds } from 'coatcheck'
import type { DataFolder } from '../data-folder.ts'
import type { Services } from '../environment.ts'
import { noticeOutage } from '../log.ts'
import { keysOf } from './key-file.ts'
import { type KeyWatch, watchKeys } from './watching.ts'

type Following = Pick<Services, 'agreement' | 'background' | 'keys' | 'knownBrowsers' | 'log' | 'sessions'>

/** Takes up the keys of the file whenever it changes, and remembers when keys were used. A file that cannot be used changes nothing. */
export async function followKeys(folder: DataFolder, services: Following): Promise<KeyWatch> {
  const { agreement, background, keys, knownBrowsers, log, sessions } = services
  let [newest = null] = await keyIds(keysOf(folder.keys))
  await keys.takenUp(folder.keys, null)
  const stopListening = sessions.on((event) => {
    if (event.type === 'key-used') background.run(event.type, () => keys.used(event.keyId))
  })
  const watch = watchKeys(folder.keyFile, folder.keys, {
    async takeUp(found) {
      const ids = await keyIds(keysOf(found))
      await sessions.setKeys(keysOf(found))
      knownBrowsers.setKeys(found)
      await keys.takenUp(found, newest)
      await agreement.follow(found)
      newest = ids[0] ?? null
      log.info(`Keys taken up: ${ids.join(', ')}`)
    },
    failed(error) {
      if (!noticeOutage(log, error)) log.notice('keys-refused', error instanceof Error ? error.message : String(error))
    },
  })
  return {
    async close() {
      stopListening()
      await watch.close()
    },
  }
}
