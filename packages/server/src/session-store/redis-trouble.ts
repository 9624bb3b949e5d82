import { CoatcheckError } from 'coatcheck'
import { type RedisLocation, shownStore } from '../config/store-url.ts'
import { ConfigError } from '../config.ts'

const CREDENTIALS = 'put the name and the password that it knows into COATCHECK_STORE_URL'
const SENTINEL_PASSWORD = 'put that into COATCHECK_STORE_URL as ?sentinel-password='
const NETWORK = 'mend the network, or COATCHECK_STORE_URL'
const TRUST = 'name its authority in NODE_EXTRA_CA_CERTS'
const SILENT = [
  'does not answer',
  'start it, or mend COATCHECK_STORE_URL (rediss:// is for one that speaks TLS)',
] as const

/** By the codes of connections, of Redis and of `PATTERNS`: what is wrong, and what to do. */
const TROUBLES: Readonly<Record<string, readonly [wrong: string, remedy: string]>> = {
  ECONNREFUSED: ['cannot be reached, since nobody listens there', 'start it, or mend COATCHECK_STORE_URL'],
  ENOTFOUND: ['cannot be reached, since there is no such host', 'mend the name in COATCHECK_STORE_URL'],
  EAI_AGAIN: ['cannot be reached, since its name cannot be looked up', 'mend the name service, or COATCHECK_STORE_URL'],
  EHOSTUNREACH: ['cannot be reached from this machine', NETWORK],
  ENETUNREACH: ['cannot be reached from this machine', NETWORK],
  CERT_HAS_EXPIRED: ['has a certificate that has expired', 'renew that'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['has a certificate that nobody trusted has signed', TRUST],
  SELF_SIGNED_CERT_IN_CHAIN: ['has a certificate that nobody trusted has signed', TRUST],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['has a certificate that nobody trusted has signed', TRUST],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['has a certificate that nobody trusted has signed', TRUST],
  ERR_TLS_CERT_ALTNAME_INVALID: ['has a certificate for another name', 'use the name in COATCHECK_STORE_URL'],
  NOAUTH: ['asks for a password', CREDENTIALS],
  WRONGPASS: ['refuses the name or the password', CREDENTIALS],
  NOPERM: ['does not permit its user what is needed', 'permit it the commands that docs/guides/stores.md lists'],
  'no database': ['has no database of that number', 'mend it in COATCHECK_STORE_URL'],
  'no master': ['has Sentinels that know no such master', 'put the name that they know into COATCHECK_STORE_URL'],
  'Sentinels ask': ['has Sentinels that ask for a password', SENTINEL_PASSWORD],
  'Sentinels refuse': ['has Sentinels that refuse the password', SENTINEL_PASSWORD],
  'no Sentinel': ['is no Sentinel', 'name it by redis:// in COATCHECK_STORE_URL'],
  'no Cluster': ['is no Cluster', 'name it by redis:// in COATCHECK_STORE_URL'],
}

/** What is told in words alone. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/cluster support disabled/, 'no Cluster'],
  [/DB index is out of range/, 'no database'],
  [/No such master/, 'no master'],
  [/unknown command 'sentinel'/i, 'no Sentinel'],
  [/sentinels are unreachable.*\bNOAUTH\b/, 'Sentinels ask'],
  [/sentinels are unreachable.*\bWRONGPASS\b/, 'Sentinels refuse'],
  [/\b(?:NOAUTH|WRONGPASS|NOPERM)\b/, ''],
]

/** What no waiting mends. */
const LASTING: ReadonlySet<string> = new Set([
  ...['NOAUTH', 'WRONGPASS', 'NOPERM', 'no database', 'no master', 'no Sentinel', 'no Cluster'],
  ...['Sentinels ask', 'Sentinels refuse'],
  ...Object.keys(TROUBLES).filter((code) => code.includes('CERT') || code.includes('VERIFY')),
])

/** What an error of a connection is, never its text, in which a client or Redis may quote what was sent; '' for others. */
export function codeOfRedis(error: unknown): string {
  if (!(error instanceof Error)) return ''
  if ('lastNodeError' in error && error.lastNodeError instanceof Error) return codeOfRedis(error.lastNodeError)
  for (const [pattern, code] of PATTERNS) {
    const [found] = pattern.exec(error.message) ?? []
    if (found !== undefined) return code === '' ? found : code
  }
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}

export const isLasting = (code: string): boolean => LASTING.has(code)

/** A Redis that is in the way of a start, in a sentence without what is secret in its address. */
export function redisTrouble(location: RedisLocation, error: unknown): ConfigError {
  const shown = shownStore(location)
  // The store's own word, such as that this Redis evicts keys.
  if (error instanceof CoatcheckError && error.cause === undefined) {
    return new ConfigError(`The Redis ${shown} cannot keep the sessions: ${error.message.replace(/^store[^:]*: /, '')}`)
  }
  const code = codeOfRedis(error instanceof CoatcheckError ? error.cause : error)
  const [wrong, remedy] = TROUBLES[code] ?? SILENT
  return new ConfigError(`The Redis ${shown} ${wrong}${/^[A-Z_]+$/.test(code) ? ` (${code})` : ''}: ${remedy}.`)
}
