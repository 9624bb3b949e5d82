import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import {
  type Redis,
  SENTINEL_MASTER,
  startRedis,
  startRedisCluster,
  startRedisSentinel,
} from '../../scripts/engines.ts'

/** Where a contender's client connects to. */
export interface Address {
  readonly topology: 'single' | 'sentinel' | 'cluster'
  /** Of the one Redis, of the Sentinel, or of the Cluster's machines. */
  readonly ports: readonly number[]
  /** The name by which the Sentinel knows the master. */
  readonly master: string
}

/** The Redis of one contender for the time of one fault. */
export interface Place {
  readonly address: Address
  /** The one Redis; the master and its replica; or the Cluster's masters and after them their replicas. */
  nodes: readonly Redis[]
  /** Options of the one Redis, to start it again. */
  readonly options: readonly string[]
  /** Sends a command to what listens on the port, over a connection that was there before the fault. */
  readonly ask: (port: number, ...command: string[]) => Promise<unknown>
  readonly stop: () => Promise<void>
}

const RECONNECTED_EACH = 20

/** Connections of the bench's own, by which it sees what the engine is able to do. */
async function watching(ports: readonly number[]) {
  const clients = new Map(
    ports.map((port) => {
      const client = createClient({
        socket: { host: '127.0.0.1', port, reconnectStrategy: RECONNECTED_EACH },
        disableOfflineQueue: true,
      })
      client.on('error', () => undefined)
      return [port, client] as const
    }),
  )
  await Promise.all([...clients.values()].map((one) => one.connect()))
  return {
    ask: async (port: number, ...command: string[]): Promise<unknown> => await clients.get(port)?.sendCommand(command),
    unwatch() {
      for (const one of clients.values()) one.destroy()
    },
  }
}

/** A Redis that writes everything to disk at once, so that one that is started again has it. */
async function single(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-outages-'))
  const options = ['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always']
  const redis = await startRedis({ options })
  const { ask, unwatch } = await watching([redis.port])
  const place: Place = {
    address: { topology: 'single', ports: [redis.port], master: '' },
    nodes: [redis],
    options,
    ask,
    async stop() {
      unwatch()
      await Promise.all(place.nodes.map((one) => one.stop()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return place
}

async function sentinel(): Promise<Place> {
  const { port, master, replica, stop } = await startRedisSentinel()
  const { ask, unwatch } = await watching([port, master.port, replica.port])
  return {
    address: { topology: 'sentinel', ports: [port], master: SENTINEL_MASTER },
    nodes: [master, replica],
    options: [],
    ask,
    async stop() {
      unwatch()
      await stop()
    },
  }
}

async function cluster(): Promise<Place> {
  const { ports, nodes, stop } = await startRedisCluster()
  const { ask, unwatch } = await watching(ports)
  return {
    address: { topology: 'cluster', ports, master: '' },
    nodes,
    options: [],
    ask,
    async stop() {
      unwatch()
      await stop()
    },
  }
}

export const starts: Readonly<Record<Address['topology'], () => Promise<Place>>> = { single, sentinel, cluster }
