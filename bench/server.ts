// The process of one contender: `node server.ts MODULE NAME [PORT OF REDIS]` takes the maker NAME out of MODULE, listens on
// a free port of loopback, and answers each message with the CPU time that it has used. It ends when the bench that started
// it does.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A server that does not listen yet. */
interface Contender {
  readonly server: Server
  readonly close?: () => Promise<void>
}

/** What every module of contenders exports as `contenders`. `redisPort`: NaN where no Redis was started. */
export type Contenders = Readonly<Record<string, (redisPort: number) => Contender | Promise<Contender>>>

const [path = '', name = '', redisPort = ''] = process.argv.slice(2)
let running: Contender | null = null

// Before anything is awaited, since the bench may be gone by then, and nothing would tell of it a second time.
process.on('disconnect', async () => {
  running?.server.closeAllConnections()
  running?.server.close()
  await running?.close?.()
  process.exit()
})
process.on('message', () => process.send?.(process.cpuUsage()))

// The modules of the peers are plain JavaScript, so their type stands here.
const { contenders } = (await import(pathToFileURL(resolve(path)).href)) as { contenders: Contenders }
const make = contenders[name]
if (make === undefined) throw new Error(`${path} has no contender '${name}'`)
running = await make(Number(redisPort))
const { server } = running
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
