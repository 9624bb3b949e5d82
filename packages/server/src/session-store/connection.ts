import { connect } from 'node:net'
import { CoatcheckError, type Store, type StoreMarks } from 'coatcheck'
import { intercept } from 'coatcheck/stores/intercept'
import type { RedisLocation } from '../config/store-url.ts'
import type { RedisClient } from './redis-client.ts'
import { codeOfRedis } from './redis-trouble.ts'

/** The connection of a client, for as long as that lives. */
export interface Connection {
  /** Why there is none, by what was told last that has a code; null where that is not known, or there is one. */
  readonly failure: () => unknown
}

/** Somebody has to listen to errors for as long as a client lives, or one would end the process. */
export function watchConnection(client: RedisClient): Connection {
  let failure: unknown = null
  const failed = (error: unknown) => {
    if (failure === null || codeOfRedis(error) !== '') failure = error
  }
  client.on('error', failed)
  client.on('ready', () => {
    failure = null
  })
  return { failure: () => failure }
}

/** How long a machine is waited for that is tried by itself, in milliseconds. */
const TRYING = 800

/** Why there is no connection. The client does not say what keeps it from Sentinels and Clusters, so the first of those is tried. */
export async function reasonOf({ failure }: Connection, { hosts: [first] }: RedisLocation): Promise<unknown> {
  if (first === undefined || codeOfRedis(failure()) !== '') return failure()
  const socket = connect({ ...first, timeout: TRYING })
  const { promise, resolve } = Promise.withResolvers<unknown>()
  socket.on('error', resolve)
  for (const event of ['connect', 'timeout']) socket.on(event, () => resolve(failure()))
  try {
    return await promise
  } finally {
    socket.destroy()
  }
}

/** The same store. What fails for want of a connection has the code by which there is none, which the client does not say then. */
export function namingFailures<S extends Store & StoreMarks>(store: S, { failure }: Connection): S {
  return intercept(store, async (_, proceed) => {
    try {
      return await proceed()
    } catch (error) {
      const cause = error instanceof CoatcheckError ? error.cause : null
      const code = codeOfRedis(failure())
      if (cause instanceof Error && code !== '' && codeOfRedis(cause) === '') Object.assign(cause, { code })
      throw error
    }
  })
}
