import { keyIds, type StoreMarks } from 'coatcheck'
import { shownStore } from '../../config/store-url.ts'
import { type Config, ConfigError } from '../../config.ts'
import { readKeyFile } from '../../data-folder.ts'
import { accordOf, keysOfStore } from '../../keys/agreeing.ts'
import { keysOf } from '../../keys/key-file.ts'
import { openStore } from '../../session-store/opening.ts'
import { type Finding, well, wrong } from './finding.ts'

/** The Redis of the sessions: whether it may keep them, and whether its servers have the keys of this one. */
export async function storeFindings(config: Config, keyFile: string): Promise<readonly Finding[]> {
  if (config.store === null) return []
  try {
    const { store, disconnect } = await openStore(config, '')
    try {
      return [well('store', `${shownStore(config.store)} answers`), ...(await accordFindings(store, keyFile))]
    } finally {
      disconnect()
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const [found = '', ...remedy] = error.message.split(': ')
    return [wrong('store', `${found}.`, remedy.join(': '))]
  }
}

async function accordFindings(store: StoreMarks, keyFile: string): Promise<readonly Finding[]> {
  const others = await keysOfStore(store)
  // A key file that cannot be used is a finding of its own.
  const own = await readKeyFile(keyFile)
    .then((text) => keyIds(keysOf(text)))
    .catch(() => null)
  if (others === null || own === null) return []
  if (accordOf(own, others) === 'agreed') return [well('accord', 'all servers of the sessions have the same keys')]
  return [
    wrong(
      'accord',
      `Servers of the sessions have the keys ${others.join(', ')}, and this one has ${own.join(', ')}.`,
      'Copy the key file of a server that works, or, where there is none, run coatcheck keys claim.',
    ),
  ]
}
