import type { Context } from 'hono'
import { countAct } from '../actions/limits.ts'
import type { Environment } from '../environment.ts'
import { ADMINISTRATOR } from '../roles.ts'
import { freshlySignedIn, signedIn } from '../routes/guard.ts'
import { answerMessage } from '../routes/messages.tsx'
import { answerRefusal } from '../routes/refusing.ts'
import type { ServerSession } from '../session-data.ts'

/**
 * The session of an administrator who has signed in not long ago, or the answer in its place. What changes something is
 * counted: a session that was stolen shall not fill the disk.
 */
export async function administrator(c: Context<Environment>): Promise<ServerSession | Response> {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  if (session.data.role !== ADMINISTRATOR) return await answerMessage(c, 'forbidden')
  const fresh = await freshlySignedIn(c)
  if (fresh instanceof Response || c.req.method !== 'POST') return fresh
  const over = await countAct(c.get('services'), 'administer', fresh.userId ?? '')
  return over === null ? fresh : await answerRefusal(c, over)
}
