import { readConfig } from '../config.ts'
import type { Services } from '../environment.ts'
import { openServices } from '../services.ts'

/** Opens the data that the settings name for one command, as a server does, and closes it. @throws ConfigError */
export async function withServices(work: (services: Services) => Promise<void>): Promise<void> {
  // What a command writes is its owner's alone.
  process.umask(0o077)
  // A server that runs has the port of the measurements.
  const { services, close } = await openServices({ ...readConfig(), metrics: null })
  try {
    await work(services)
  } finally {
    await close()
  }
}
