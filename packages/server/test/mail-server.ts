import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { onTestFinished, vi } from 'vitest'

/** A mail as it arrived. */
export interface Letter {
  readonly from: string
  readonly to: readonly string[]
  /** Whether it came over TLS, and as whom. */
  readonly secure: boolean
  readonly user: string | null
  /** Headers and parts, decoded. */
  readonly text: string
}

/** A real mail server on a free port of this machine, closed when the test is over. */
export async function mailServer(options: SMTPServerOptions = {}) {
  const letters: Letter[] = []
  const server = new SMTPServer({
    logger: false,
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    closeTimeout: 100,
    onData(stream, { envelope, secure, user }, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = envelope
        letters.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          secure,
          user: typeof user === 'string' ? user : null,
          text: decoded(Buffer.concat(chunks)),
        })
        done()
      })
    },
    ...options,
  })
  // What a client that breaks off leaves behind is none of the test's business.
  server.on('error', () => undefined)
  const listener = server.listen(0, '127.0.0.1')
  await new Promise((resolve) => listener.once('listening', resolve))
  onTestFinished(() => new Promise<void>((resolve) => server.close(resolve)))
  const address = listener.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    letters,
    /** The mail of a place, counted from 1, when it is there. */
    arrived: async (place: number): Promise<Letter> =>
      await vi.waitFor(() => {
        const letter = letters[place - 1]
        if (letter === undefined) throw new Error(`${letters.length} of ${place} mails have arrived.`)
        return letter
      }, 10_000),
  }
}

/** Quoted-printable (RFC 2045 6.7). */
function decoded(raw: Buffer): string {
  const bytes = raw
    .toString('latin1')
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** The path of the link in a mail's text. */
export function linkIn({ text }: Letter): string {
  const link = /^https?:\/\/\S+$/m.exec(text)?.[0] ?? ''
  return link.replace(/^https?:\/\/[^/]+/, '')
}
