import { createClient } from 'redis'

/** What a Redis has done since it was started. */
interface Usage {
  /** µs of CPU, user and system, on whichever of its threads. */
  readonly cpu: number
  readonly commands: number
}

/** The number behind a name in what `INFO` answers. */
function numberIn(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1] ?? Number.NaN)
}

/** Asks a Redis what it has used. To be asked is a command as well: from one answer to the next it counts as one. */
export async function usageOf(port: number) {
  const client = createClient({ url: `redis://127.0.0.1:${port}` })
  await client.connect()
  return {
    async read(): Promise<Usage> {
      const info = String(await client.sendCommand(['INFO', 'cpu', 'stats']))
      const seconds = numberIn(info, 'used_cpu_user') + numberIn(info, 'used_cpu_sys')
      return { cpu: seconds * 1_000_000, commands: numberIn(info, 'total_commands_processed') }
    },
    close: () => client.destroy(),
  }
}

export type UsageReader = Awaited<ReturnType<typeof usageOf>>
