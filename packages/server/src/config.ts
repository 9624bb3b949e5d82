import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { Duration, Preset, ProxyOptions } from 'coatcheck'
import {
  adviceFor,
  isSetting,
  type LogLevel,
  type SettingName,
  type Signup,
  settingsSchema,
} from './config/settings.ts'
import type { RedisLocation, StoreLocation } from './config/store-url.ts'
import type { Roles } from './config/values.ts'
import type { GateRule } from './gate/rules.ts'
import { nearest } from './nearest.ts'
import { rolesWith } from './roles.ts'

/** The settings in effect. */
export interface Config {
  /** TCP port; 0 lets the system choose one. */
  readonly port: number
  /** Address to listen on. */
  readonly host: string
  /** Folder of the keys and, unless it is elsewhere, the database; absolute. */
  readonly data: string
  /** The SQLite file of the accounts, absolute; null: the one in the folder. */
  readonly accountsFile: string | null
  /** The Redis of the sessions; null: they are in the file of the accounts. */
  readonly store: RedisLocation | null
  /** Where the sessions were, while they move; null: they do not. */
  readonly movingFrom: StoreLocation | null
  /** The server's own origin as browsers see it, where a proxy stands before it; null: from each request. */
  readonly origin: string | null
  /** Of others, whose pages may send what changes something. */
  readonly trustedOrigins: readonly string[]
  /** What the paths of all pages begin with, such as `/auth`; empty: nothing. */
  readonly basePath: string
  /** Of the session's cookie; those beside it are named after it. */
  readonly cookieName: string
  /** Whose word about the client's address, scheme and host is believed; null: nobody's. */
  readonly trustProxy: ProxyOptions | null
  /** The files of a TLS listener of its own, absolute; null: plain http. */
  readonly tls: { readonly cert: string; readonly key: string; readonly httpPort: number | null } | null
  readonly logLevel: LogLevel
  /** How long the server goes on after the signal to stop, in milliseconds. */
  readonly drain: number
  /** How many processes serve on the port. */
  readonly workers: number
  /** Where Prometheus finds the metrics; null: nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | null
  /** For how many days what happened is kept. */
  readonly auditDays: number
  readonly signup: Signup
  readonly timeouts: {
    readonly preset: Preset | null
    readonly idle: Duration | 'none' | null
    readonly absolute: Duration | null
  }
  readonly roles: Roles
  /** The URL of the server that sends our mails; null: none are sent. Holds a password. */
  readonly smtp: string | null
  readonly mailFrom: string
  /** The least length of a password, in characters. */
  readonly passwordLength: number
  readonly limits: Limits
  /** The longest prefix first. */
  readonly gateRules: readonly GateRule[]
}

/** How often something may be tried: failures in 15 minutes, the others in an hour. */
export interface Limits {
  readonly failuresPerAccount: number
  readonly failuresPerAddress: number
  readonly signupsPerAddress: number
  readonly signInsPerAccount: number
  readonly changesPerAccount: number
}

/** A setting cannot be used. The message is one sentence that names it and gives a safe example. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Names the file of settings; no setting itself. */
const CONFIG = 'COATCHECK_CONFIG'

type Texts = Readonly<Record<string, string | undefined>>

/**
 * Reads the settings from an environment, and from the file that `COATCHECK_CONFIG` names (lines `NAME=value`); the environment
 * wins. An empty value counts as not set. @throws ConfigError
 */
export function readConfig(environment: Texts = process.env): Config {
  const path = environment[CONFIG] ?? ''
  const own = present(environment)
  refuseUnknown(own)
  const given = { ...(path === '' ? {} : present(fileAt(path))), ...own }
  const result = settingsSchema.safeParse(given)
  if (!result.success) {
    const name = String(result.error.issues[0]?.path[0] ?? '')
    throw isSetting(name) ? unusable(name) : new ConfigError('The settings cannot be used.')
  }
  const read = result.data
  for (const role of read.COATCHECK_GATE_RULES.flatMap(({ roles }) => roles)) {
    if (!rolesWith(read.COATCHECK_ROLES).has(role)) throw unusable('COATCHECK_GATE_RULES', `There is no role ${role}. `)
  }
  if (read.COATCHECK_STORE_URL !== null && read.COATCHECK_ONE_MACHINE === 'no') throw sharedWithLocalAccounts()
  return {
    port: read.PORT,
    host: read.HOST,
    data: resolve(read.COATCHECK_DATA),
    accountsFile: read.COATCHECK_ACCOUNTS_URL === null ? null : resolve(read.COATCHECK_ACCOUNTS_URL),
    store: read.COATCHECK_STORE_URL,
    movingFrom: read.COATCHECK_STORE_MOVING_FROM,
    origin: read.COATCHECK_ORIGIN,
    trustedOrigins: read.COATCHECK_TRUSTED_ORIGINS,
    basePath: read.COATCHECK_BASE_PATH,
    cookieName: read.COATCHECK_COOKIE_NAME,
    trustProxy: read.COATCHECK_TRUST_PROXY,
    tls: tlsOf(read),
    logLevel: read.COATCHECK_LOG,
    drain: read.COATCHECK_DRAIN,
    workers: read.COATCHECK_WORKERS,
    metrics: read.COATCHECK_METRICS,
    auditDays: read.COATCHECK_AUDIT_DAYS,
    signup: read.COATCHECK_SIGNUP,
    timeouts: { preset: read.COATCHECK_POLICY, idle: read.COATCHECK_IDLE, absolute: read.COATCHECK_ABSOLUTE },
    roles: read.COATCHECK_ROLES,
    smtp: read.COATCHECK_SMTP_URL,
    mailFrom: read.COATCHECK_MAIL_FROM,
    passwordLength: read.COATCHECK_PASSWORD_LENGTH,
    gateRules: read.COATCHECK_GATE_RULES,
    limits: {
      failuresPerAccount: read.COATCHECK_FAILURES_PER_ACCOUNT,
      failuresPerAddress: read.COATCHECK_FAILURES_PER_ADDRESS,
      signupsPerAddress: read.COATCHECK_SIGNUPS_PER_ADDRESS,
      signInsPerAccount: read.COATCHECK_SIGN_INS_PER_ACCOUNT,
      changesPerAccount: read.COATCHECK_CHANGES_PER_ACCOUNT,
    },
  }
}

function sharedWithLocalAccounts(): ConfigError {
  return new ConfigError(
    'COATCHECK_STORE_URL names a Redis that several machines can share, but the accounts are in a SQLite file of this machine alone: where it is the only one, set COATCHECK_ONE_MACHINE=yes, else leave COATCHECK_STORE_URL away.',
  )
}

/** A misspelt setting would be none without a word; the environment has others' variables too, but none with our prefix. */
function refuseUnknown(given: Record<string, string>): void {
  const unknown = Object.keys(given).find(
    (name) => name.startsWith('COATCHECK_') && !isSetting(name) && name !== CONFIG,
  )
  if (unknown === undefined) return
  throw new ConfigError(`${unknown} is no setting: ${settingsNear(unknown)}`)
}

/** The settings that there are, and the one that was probably meant. What all names begin with says nothing of that. */
function settingsNear(typed: string): string {
  const names = Object.keys(settingsSchema.shape)
  const ownOf = (name: string) => name.toLowerCase().replace(/^coatcheck_/, '')
  const own = nearest(ownOf(typed), names.map(ownOf))
  const meant = names.find((name) => ownOf(name) === own)
  return `the settings are ${names.join(', ')}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`
}

function unusable(name: SettingName, why = ''): ConfigError {
  return new ConfigError(`${why}${name} cannot be used: set it to ${adviceFor(name)}.`)
}

function present(texts: Texts): Record<string, string> {
  const entries = Object.entries(texts).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(entries) as Record<string, string>
}

/** A file is ours alone, so what is no setting in it is a slip of the pen. */
function fileAt(path: string): Texts {
  let texts: Texts
  try {
    texts = parseEnv(readFileSync(path, 'utf8'))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    throw new ConfigError(
      `COATCHECK_CONFIG names ${resolve(path)}, which cannot be read${code}: set it to a file with lines such as PORT=3000.`,
      { cause: error },
    )
  }
  const unknown = Object.keys(texts).find((name) => !isSetting(name))
  if (unknown === undefined) return texts
  throw new ConfigError(`${unknown} in ${resolve(path)} is no setting: ${settingsNear(unknown)}`)
}

function tlsOf(read: {
  readonly COATCHECK_TLS_CERT: string | null
  readonly COATCHECK_TLS_KEY: string | null
  readonly COATCHECK_HTTP_PORT: number | null
}): Config['tls'] {
  const { COATCHECK_TLS_CERT: cert, COATCHECK_TLS_KEY: key, COATCHECK_HTTP_PORT: httpPort } = read
  if (cert === null && key === null) {
    if (httpPort !== null) throw unusable('COATCHECK_HTTP_PORT')
    return null
  }
  if (cert === null) throw unusable('COATCHECK_TLS_CERT')
  if (key === null) throw unusable('COATCHECK_TLS_KEY')
  return { cert: resolve(cert), key: resolve(key), httpPort }
}
