import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  readonly stop: () => Promise<void>
}

/** A Redis that writes everything to disk at once, so that one that is started again has it. */
async function single(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-outages-'))
  const options = ['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always']
  const redis = await startRedis({ options })
  const place: Place = {
    address: { topology: 'single', ports: [redis.port], master: '' },
    nodes: [redis],
    options,
    async stop() {
      await Promise.all(place.nodes.map((one) => one.stop()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return place
}

async function sentinel(): Promise<Place> {
  const { port, master, replica, stop } = await startRedisSentinel()
  return {
    address: { topology: 'sentinel', ports: [port], master: SENTINEL_MASTER },
    nodes: [master, replica],
    options: [],
    stop,
  }
}

async function cluster(): Promise<Place> {
  const { ports, nodes, stop } = await startRedisCluster()
  return { address: { topology: 'cluster', ports, master: '' }, nodes, options: [], stop }
}

export const starts: Readonly<Record<Address['topology'], () => Promise<Place>>> = { single, sentinel, cluster }
