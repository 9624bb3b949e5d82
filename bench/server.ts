// The process of one contender: `node server.ts MODULE NAME` takes the maker NAME out of MODULE, listens on a free port of
// loopback, and answers each message with the CPU time that it has used. It ends when the bench that started it does.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A server that does not listen yet. */
interface Contender {
  readonly server: Server
  readonly close?: () => Promise<void>
}

/** What every module of contenders exports as `contenders`. */
export type Contenders = Readonly<Record<string, () => Contender | Promise<Contender>>>

const [path = '', name = ''] = process.argv.slice(2)
// The modules of the peers are plain JavaScript, so their type stands here.
const { contenders } = (await import(pathToFileURL(resolve(path)).href)) as { contenders: Contenders }
const make = contenders[name]
if (make === undefined) throw new Error(`${path} has no contender '${name}'`)
const { server, close } = await make()

process.on('message', () => process.send?.(process.cpuUsage()))
process.on('disconnect', async () => {
  server.closeAllConnections()
  server.close()
  await close?.()
  process.exit()
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
