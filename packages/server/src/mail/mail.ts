import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { createTransport } from 'nodemailer'
import { MailError } from './mail-error.ts'

/** A mail to one person, as text and as HTML that says the same. */
export interface Message {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

export interface Mail {
  /** Hands the mail to the mail server. @throws MailError */
  readonly send: (message: Message) => Promise<void>
}

/** In milliseconds. Nothing may hang on a mail server that is down or slow. */
const TIMES = { dns: 10_000, connection: 10_000, greeting: 10_000, silence: 20_000, whole: 60_000 }

interface MailSettings {
  /** `smtp:` or `smtps:`, as the settings have it. */
  readonly url: string
  readonly from: string
}

interface MailOptions {
  /** What is trusted, where that is not what Node trusts. */
  readonly tls?: ConnectionOptions
  readonly times?: Partial<typeof TIMES>
}

export function makeMail({ url, from }: MailSettings, { tls = {}, times = {} }: MailOptions = {}): Mail {
  const { dns, connection, greeting, silence, whole } = { ...TIMES, ...times }
  const { protocol, hostname, port, username, password } = new URL(url)
  const secure = protocol === 'smtps:'
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const isHere = isLoopback(host)
  const transport = createTransport({
    host,
    port: port === '' ? (secure ? 465 : 25) : Number(port),
    secure,
    // The mail server of this very machine has a certificate for nobody, and nobody listens in between. Elsewhere a
    // password never travels in the clear.
    ignoreTLS: isHere,
    requireTLS: !isHere && !secure && username !== '',
    ...(username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    dnsTimeout: dns,
    connectionTimeout: connection,
    greetingTimeout: greeting,
    socketTimeout: silence,
    tls,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send(message) {
      try {
        const headers = { 'Auto-Submitted': 'auto-generated' }
        const address = { name: 'Coatcheck', address: from }
        // Readable as it travels; a long link stays whole all the same.
        const textEncoding = 'quoted-printable'
        await transport.sendMail({
          ...message,
          from: address,
          headers,
          textEncoding,
          signal: AbortSignal.timeout(whole),
        })
      } catch (error) {
        throw new MailError(codeOf(error))
      }
    },
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || (isIP(host) === 4 && host.startsWith('127.')) || host === '::1'
}

/** The words of the library and of the server may hold addresses; their codes do not. */
function codeOf(error: unknown): string {
  const { code, responseCode } = (error ?? {}) as { readonly code?: unknown; readonly responseCode?: unknown }
  const parts = [typeof code === 'string' && /^E[A-Z]+$/.test(code) ? code : 'EUNKNOWN']
  if (typeof responseCode === 'number') parts.push(String(responseCode))
  return parts.join(' ')
}
