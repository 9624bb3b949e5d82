import { resolve } from 'node:path'
import { z } from 'zod'

/** The settings in effect. */
export interface Config {
  /** TCP port; 0 lets the system choose one. */
  readonly port: number
  /** Address to listen on. */
  readonly host: string
  /** Folder of the database and the keys, absolute. */
  readonly data: string
  /** The server's own origin as browsers see it, where a proxy stands before it; null: from each request. */
  readonly origin: string | null
}

/** A setting cannot be used. The message is one sentence that names it and gives a safe example. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const schema = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .refine((port) => port <= 65_535)
    .default(3000),
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]{1,253}$/)
    .default('127.0.0.1'),
  COATCHECK_DATA: z.string().min(1).default('coatcheck-data'),
  COATCHECK_ORIGIN: z.string().refine(isOrigin).optional(),
})

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text
}

const ADVICE: Readonly<Record<string, string>> = {
  PORT: 'a port number from 0 to 65535, such as PORT=3000',
  HOST: 'a host name or address to listen on, such as HOST=127.0.0.1',
  COATCHECK_DATA: 'the path of a folder, such as COATCHECK_DATA=./coatcheck-data',
  COATCHECK_ORIGIN:
    "scheme, host and port as the browser's address bar has them, such as COATCHECK_ORIGIN=https://example.org",
}

/** Reads the settings from an environment. An empty value counts as not set. @throws ConfigError */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  )
  const result = schema.safeParse(given)
  if (!result.success) {
    const setting = String(result.error.issues[0]?.path[0] ?? 'PORT')
    throw new ConfigError(`${setting} cannot be used: set it to ${ADVICE[setting] ?? 'a valid value'}.`)
  }
  const { PORT, HOST, COATCHECK_DATA, COATCHECK_ORIGIN } = result.data
  return { port: PORT, host: HOST, data: resolve(COATCHECK_DATA), origin: COATCHECK_ORIGIN ?? null }
}
