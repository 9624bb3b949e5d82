import { once } from 'node:events'
import { connect } from 'node:net'
import type { Config } from '../../config.ts'
import { codeOf, type Finding, well, wrong } from './finding.ts'

/** How long a mail server may take to be reached, in milliseconds. */
const LONGEST = 5_000

/** Whether somebody listens where mails go; nothing is sent. The address is told without the name and the password in it. */
export async function mailFindings({ smtp }: Pick<Config, 'smtp'>): Promise<readonly Finding[]> {
  if (smtp === null) return []
  const { protocol, hostname, port } = new URL(smtp)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const number = port === '' ? (protocol === 'smtps:' ? 465 : 25) : Number(port)
  const place = `${hostname}:${number}`
  const socket = connect(number, host)
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(LONGEST) })
    return [well('mail', `${place} listens`)]
  } catch (error) {
    const why = error instanceof Error && error.name === 'AbortError' ? 'no answer' : codeOf(error)
    return [
      wrong(
        'mail',
        `The mail server of COATCHECK_SMTP_URL, ${place}, cannot be reached (${why}).`,
        'Start it, let this machine reach it, or name another one with COATCHECK_SMTP_URL.',
      ),
    ]
  } finally {
    socket.destroy()
  }
}
