import type { Context } from 'hono'
import type { Environment, ServerSession } from '../environment.ts'
import { ADMINISTRATOR } from '../roles.ts'
import { freshlySignedIn, signedIn } from '../routes/guard.ts'
import { answerMessage } from '../routes/messages.tsx'

/** The session of an administrator who has signed in not long ago, or the answer in its place. */
export async function administrator(c: Context<Environment>): Promise<ServerSession | Response> {
  const session = await signedIn(c)
  if (session instanceof Response) return session
  if (session.data.role !== ADMINISTRATOR) return await answerMessage(c, 'forbidden')
  return await freshlySignedIn(c)
}
