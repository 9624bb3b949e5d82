import type { Store, StoreMarks } from 'coatcheck'
import { redisStore } from 'coatcheck/stores/redis'
import { sqliteStore } from 'coatcheck/stores/sqlite'
import { isThere } from '../backup/backing-up.ts'
import { CliError } from './faults.ts'

/** A store that a command was told of by its address. */
export interface StorePlace {
  readonly store: Store & StoreMarks
  /** For people and logs: without a name or password. */
  readonly shown: string
  readonly close: () => Promise<void>
}

/**
 * Opens the sessions at `sqlite:` and a path, or in a Redis at `redis://` or `rediss://`. `mayBeNew`: also a file that is
 * not there. @throws CliError for another address, or where there is no such file
 */
export async function openPlace(
  url: string,
  { mayBeNew = false }: { readonly mayBeNew?: boolean } = {},
): Promise<StorePlace> {
  const path = /^sqlite:(.+)$/.exec(url)?.[1]
  if (path !== undefined) {
    if (!mayBeNew && !(await isThere(path))) throw new CliError(`There is no file ${path}.`)
    const store = sqliteStore(path)
    return { store, shown: `sqlite:${path}`, close: () => store.close() }
  }
  const address = URL.parse(url)
  if (address === null || !/^rediss?:$/.test(address.protocol) || address.hostname === '') {
    throw new CliError(
      'The address of a store is sqlite:PATH, redis://HOST:PORT or rediss://HOST:PORT.',
      2,
      'store copy',
    )
  }
  const { Redis } = await import('ioredis')
  const client = new Redis(url, { maxRetriesPerRequest: 0, connectionName: 'coatcheck' })
  return {
    store: redisStore(client),
    shown: `${address.protocol}//${address.host}${address.pathname}`,
    close: async () => client.disconnect(),
  }
}
