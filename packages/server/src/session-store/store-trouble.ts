import { CoatcheckError, StoreTimeoutError, StoreUnavailableError } from 'coatcheck'
import { codeOfRedis } from './redis-trouble.ts'

/**
 * Why the store of the sessions failed, in its own words and with the code of what was in its way, for logs and commands:
 * `the connection to Redis failed (ECONNREFUSED)`. Holds no secret, nor anything that was sent.
 */
export function storeTrouble({ message, cause }: CoatcheckError): string {
  if (cause instanceof CoatcheckError) return storeTrouble(cause)
  const code = codeOfRedis(cause)
  const why = message
    .replace(/[:;] see `cause.*$/, '')
    .replace(/^store[^:]*: /, '')
    .replace(/\.$/, '')
  return code === '' ? why : `${why} (${code})`
}

/** An outage of the store in a sentence for who typed a command; null for other errors. */
export function outageSentence(error: unknown): string | null {
  if (!(error instanceof StoreTimeoutError || error instanceof StoreUnavailableError)) return null
  return `The store of the sessions failed: ${storeTrouble(error)}.`
}
