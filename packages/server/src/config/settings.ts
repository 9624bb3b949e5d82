import { isIP } from 'node:net'
import { type Duration, type Preset, type ProxyOptions, presets } from 'coatcheck'
import { z } from 'zod'
import { parseGateRules } from '../gate/rules.ts'
import { BESIDE } from './cookie-names.ts'
import { parseAccountsUrl, parseAnyStoreUrl, parseStoreUrl } from './store-url.ts'
import { baseIn, isMailServer, isNetwork, isOrigin, parseOrigins, parseRoles } from './values.ts'

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'
export type Signup = 'open' | 'invite' | 'closed'

const LONGEST_DURATION = 366 * 86_400_000
const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A duration of the settings in milliseconds; not a number where it is none. */
export function millisecondsOf(text: string): number {
  const parts = /^(\d{1,8})(s|m|h|d)$/.exec(text)
  return Number(parts?.[1]) * (UNITS[parts?.[2] ?? ''] ?? 0)
}

function isDuration(text: string): text is Duration {
  const length = millisecondsOf(text)
  return length > 0 && length <= LONGEST_DURATION
}

const duration = z.custom<Duration>((text) => typeof text === 'string' && isDuration(text))

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number)
    .refine((value) => value >= least && value <= most)

/** What a parser answers; what it answers null for is unusable. */
const parsed = <T>(parse: (text: string) => T | null) =>
  z.string().transform((text, context) => {
    const value = parse(text)
    if (value === null) context.addIssue({ code: 'custom' })
    return value ?? z.NEVER
  })

/** How often something may happen: its default is that of the example. */
const limit = (example: string, advice: string, meaning: string) =>
  whole(1, 999_999)
    .default(Number(example.split('=')[1]))
    .describe(`${advice}, from 1 to 999999, such as ${example}`)
    .meta({ meaning })

/** More processes than any machine has cores for. */
export const MOST_WORKERS = 64

/**
 * Every setting by the name of its environment variable: its default, what it takes (the advice for who got it wrong), and
 * its meaning, for docs/reference/configuration.md.
 */
export const settingsSchema = z.object({
  PORT: whole(0, 65_535)
    .default(3000)
    .describe('a port number from 0 to 65535, such as PORT=3000')
    .meta({ meaning: 'TCP port; with 0 the system chooses one, and the server prints which' }),
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]{1,253}$/)
    .default('127.0.0.1')
    .describe('a host name or address to listen on, such as HOST=127.0.0.1')
    .meta({ meaning: 'where to listen; `127.0.0.1` is this machine alone, `0.0.0.0` everywhere' }),
  COATCHECK_DATA: z
    .string()
    .min(1)
    .default('coatcheck-data')
    .describe('the path of a folder, such as COATCHECK_DATA=./coatcheck-data')
    .meta({ meaning: 'folder of the database and the keys; a relative path counts from where the server is started' }),
  COATCHECK_STORE_URL: parsed(parseStoreUrl)
    .nullable()
    .default(null)
    .describe(
      'the address of a Redis, such as COATCHECK_STORE_URL=rediss://name:password@redis.example.org:6379/0?namespace=shop, redis+cluster://host:6379,host:6380 or redis+sentinel://host:26379,host:26380/master?sentinel-password=word; signs of a name or a password that an address has for itself are percent-encoded',
    )
    .meta({
      meaning:
        'the Redis that keeps the sessions, so that several processes and machines share them; without it they are in the SQLite file',
    }),
  COATCHECK_STORE_MOVING_FROM: parsed(parseAnyStoreUrl)
    .nullable()
    .default(null)
    .describe(
      'sqlite: and the path of a file, or the address of a Redis, such as COATCHECK_STORE_MOVING_FROM=sqlite:./coatcheck-data/coatcheck.db',
    )
    .meta({
      meaning:
        'the store in which the sessions were, while they [move](../guides/moving.md) to the one that the other settings name: both are read, and what is changed is brought over',
    }),
  COATCHECK_ACCOUNTS_URL: parsed(parseAccountsUrl)
    .nullable()
    .default(null)
    .describe('sqlite: and the path of a file, such as COATCHECK_ACCOUNTS_URL=sqlite:./coatcheck-data/coatcheck.db')
    .meta({
      meaning:
        'the SQLite file of accounts, audit log and codes, and of sessions without a Redis; `coatcheck.db` in the data folder where it is not set',
    }),
  COATCHECK_ONE_MACHINE: z
    .enum(['yes', 'no'])
    .default('no')
    .describe(
      'yes where all servers run on one machine and share its SQLite file of accounts, such as COATCHECK_ONE_MACHINE=yes',
    )
    .meta({
      meaning:
        'says that no other machine uses the Redis of `COATCHECK_STORE_URL`: accounts in SQLite are known to one machine only, so without it such a start is refused',
    }),
  COATCHECK_ORIGIN: z
    .string()
    .refine(isOrigin)
    .nullable()
    .default(null)
    .describe(
      "scheme, host and port as the browser's address bar has them, such as COATCHECK_ORIGIN=https://example.org",
    )
    .meta({
      meaning:
        "the server's address as browsers see it; needed behind a proxy that ends TLS, and for links in mails. https, or http to this machine itself",
    }),
  COATCHECK_TRUSTED_ORIGINS: parsed(parseOrigins)
    .default([])
    .describe(
      'origins of others with commas between them, each with its scheme and host and without a path or a wildcard, such as COATCHECK_TRUSTED_ORIGINS=https://shop.example.org,https://app.example.org',
    )
    .meta({
      meaning:
        'origins of others whose pages may send forms and requests with a visitor’s cookies; those of everybody else are refused ([CSRF](../concepts/csrf.md)). https, or http to this machine itself',
    }),
  COATCHECK_BASE_PATH: z
    .string()
    .transform((text, context) => {
      const base = baseIn(text)
      if (base === null) context.addIssue({ code: 'custom' })
      return base ?? z.NEVER
    })
    .default('')
    .describe(
      'a path that begins with a slash and with none of the server’s own pages, such as COATCHECK_BASE_PATH=/auth',
    )
    .meta({
      meaning:
        'the path below which browsers find the server, where it [shares a host](../guides/proxies.md#below-a-path) with other applications. The proxy may pass it on or cut it off',
    }),
  COATCHECK_COOKIE_NAME: z
    .string()
    .regex(/^(?!__)[A-Za-z0-9_-]{1,32}$/)
    .refine((name) => !BESIDE.some((taken) => taken === name))
    .default('sid')
    .describe(
      'a name of 1 to 32 letters, digits, dashes and underscores, of which none begins with two underscores, such as COATCHECK_COOKIE_NAME=auth',
    )
    .meta({
      meaning:
        'the name of the session’s cookie, which gets the prefix `__Host-` over https. Two servers of one host need two names. A new name signs everybody out',
    }),
  COATCHECK_TRUST_PROXY: z
    .string()
    .transform((text): ProxyOptions => {
      if (/^[1-9]$/.test(text)) return { hops: Number(text) }
      return { networks: text.split(',').map((one) => one.trim()) }
    })
    .refine(({ networks }) => networks === undefined || networks.every(isNetwork))
    .nullable()
    .default(null)
    .describe(
      'how many proxies there are, or their networks, such as COATCHECK_TRUST_PROXY=1 or COATCHECK_TRUST_PROXY=10.0.0.0/8',
    )
    .meta({ meaning: "whose word about a client's address, scheme and host is believed" }),
  COATCHECK_SIGNUP: z
    .enum(['open', 'invite', 'closed'])
    .default('open')
    .describe('open, invite or closed, such as COATCHECK_SIGNUP=invite')
    .meta({ meaning: 'who may make an account: everybody, who has an invitation, or administrators alone' }),
  COATCHECK_POLICY: z
    .enum(Object.keys(presets) as [Preset, ...Preset[]])
    .nullable()
    .default(null)
    .describe(`one of ${Object.keys(presets).join(', ')}, such as COATCHECK_POLICY=aal2`)
    .meta({ meaning: 'both timeouts by a name' }),
  COATCHECK_IDLE: z
    .union([z.literal('none'), duration])
    .nullable()
    .default(null)
    .describe('a number with a unit (s, m, h or d), at most 366d, or none, such as COATCHECK_IDLE=30m')
    .meta({
      meaning: 'how long a session lives without activity; 30 minutes where neither this nor a policy says otherwise',
    }),
  COATCHECK_ABSOLUTE: duration
    .nullable()
    .default(null)
    .describe('a number with a unit (s, m, h or d), at most 366d, such as COATCHECK_ABSOLUTE=12h')
    .meta({
      meaning: 'how long a session lives whatever happens; 12 hours where neither this nor a policy says otherwise',
    }),
  COATCHECK_ROLES: parsed(parseRoles)
    .default(new Map())
    .describe(
      'roles with their permissions, such as COATCHECK_ROLES="editor=articles:read,articles:write; viewer=articles:read"',
    )
    .meta({ meaning: 'roles besides `user` and `admin`, with their permissions' }),
  COATCHECK_GATE_RULES: parsed(parseGateRules)
    .default([])
    .describe(
      'path prefixes with what they need, such as COATCHECK_GATE_RULES="/admin=role:admin; /payments=fresh:5m; /public=anyone"',
    )
    .meta({ meaning: 'what paths of applications behind the gate need' }),
  COATCHECK_LOG: z
    .enum(['silent', 'error', 'warn', 'info', 'debug'])
    .default('info')
    .describe('silent, error, warn, info or debug, such as COATCHECK_LOG=info')
    .meta({ meaning: 'what is logged; `debug` has a line for each request' }),
  COATCHECK_METRICS: z
    .string()
    .transform((text, context) => {
      const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(text) ?? []
      const bare = host.replace(/^\[(.+)\]$/, '$1')
      if (isIP(bare) === 0 || Number(port) > 65_535) {
        context.addIssue({ code: 'custom' })
        return z.NEVER
      }
      return { host: bare, port: Number(port) }
    })
    .nullable()
    .default(null)
    .describe('the address and port of a listener of its own, such as COATCHECK_METRICS=127.0.0.1:9464')
    .meta({ meaning: 'where Prometheus finds the metrics, under `/metrics`' }),
  COATCHECK_AUDIT_DAYS: whole(1, 3_650)
    .default(90)
    .describe('for how many days what happened is kept, from 1 to 3650, such as COATCHECK_AUDIT_DAYS=90')
    .meta({ meaning: 'for how many days what happened is kept' }),
  COATCHECK_DRAIN: z
    .string()
    .default('1s')
    .transform((text) => Number(/^(\d{1,3})s$/.exec(text)?.[1] ?? Number.NaN) * 1_000)
    .refine(Number.isSafeInteger)
    .describe('a number of seconds from 0s to 999s, such as COATCHECK_DRAIN=1s')
    .meta({ meaning: 'how long the server goes on answering after the signal to stop' }),
  COATCHECK_WORKERS: whole(1, MOST_WORKERS)
    .default(1)
    .describe(`how many processes serve, from 1 to ${MOST_WORKERS}, such as COATCHECK_WORKERS=4`)
    .meta({ meaning: 'how many processes serve on the port; as `coatcheck serve --workers`' }),
  COATCHECK_TLS_CERT: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'the path of a certificate in PEM, together with COATCHECK_TLS_KEY, such as COATCHECK_TLS_CERT=./tls/cert.pem',
    )
    .meta({ meaning: 'with the next: the server speaks https itself' }),
  COATCHECK_TLS_KEY: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'the path of the certificate’s key in PEM, together with COATCHECK_TLS_CERT, such as COATCHECK_TLS_KEY=./tls/key.pem',
    )
    .meta({ meaning: 'belongs to the certificate' }),
  COATCHECK_HTTP_PORT: whole(0, 65_535)
    .nullable()
    .default(null)
    .describe(
      'the port on which plain http is led to https, such as COATCHECK_HTTP_PORT=80; it needs COATCHECK_TLS_CERT',
    )
    .meta({ meaning: 'with a certificate: a port on which plain http is led to https' }),
  COATCHECK_SMTP_URL: z
    .string()
    .refine(isMailServer)
    .nullable()
    .default(null)
    .describe(
      'the address of a mail server, with a name and a password where it asks for them, such as COATCHECK_SMTP_URL=smtps://name:password@mail.example.org',
    )
    .meta({ meaning: 'the server that takes our mails; without one none are sent' }),
  COATCHECK_MAIL_FROM: z
    .string()
    .regex(/^[^\s@<>"]{1,64}@[^\s@<>"]{1,253}$/)
    .default('coatcheck@localhost')
    .describe('the address that mails come from, such as COATCHECK_MAIL_FROM=accounts@example.org')
    .meta({ meaning: 'the sender of mails' }),
  COATCHECK_PASSWORD_LENGTH: whole(8, 64)
    .default(15)
    .describe('the least length of a password, from 8 to 64, such as COATCHECK_PASSWORD_LENGTH=15')
    .meta({ meaning: 'the least length of a password, in characters' }),
  COATCHECK_FAILURES_PER_ACCOUNT: limit(
    'COATCHECK_FAILURES_PER_ACCOUNT=10',
    'how many wrong passwords an account may have in 15 minutes',
    'wrong passwords for one name in 15 minutes; more are refused',
  ),
  COATCHECK_FAILURES_PER_ADDRESS: limit(
    'COATCHECK_FAILURES_PER_ADDRESS=50',
    'how many wrong passwords an address may send in 15 minutes',
    'wrong passwords from one address in 15 minutes; more are refused. Of IPv6 an address is a network of 64 bits; the 48 bits around it have ten times as many',
  ),
  COATCHECK_SIGNUPS_PER_ADDRESS: limit(
    'COATCHECK_SIGNUPS_PER_ADDRESS=10',
    'how many accounts an address may make in an hour',
    'new accounts from one address in an hour; more are refused',
  ),
  COATCHECK_SIGN_INS_PER_ACCOUNT: limit(
    'COATCHECK_SIGN_INS_PER_ACCOUNT=100',
    'how often an account may sign in within an hour',
    'sign-ins of one account in an hour, with the right password; more are refused',
  ),
  COATCHECK_CHANGES_PER_ACCOUNT: limit(
    'COATCHECK_CHANGES_PER_ACCOUNT=60',
    'how often an account may change one thing within an hour',
    'how often an account may do each of these in an hour: change its preferences, its password, its address, end devices, enter the password again; administrators act in the console ten times as often. More are refused',
  ),
})

export type SettingName = keyof typeof settingsSchema.shape

export const isSetting = (name: string): name is SettingName => Object.hasOwn(settingsSchema.shape, name)

/** What a setting takes, with a safe example; ends the sentence “set it to …”. */
export const adviceFor = (name: SettingName): string => settingsSchema.shape[name].description ?? 'a valid value'
