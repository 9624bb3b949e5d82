import type { Context } from 'hono'
import { mailUnset } from '../actions/resetting-password.ts'
import type { Environment } from '../environment.ts'
import { linkOriginOf } from '../sessions.ts'

/** Whether mails with links can be sent to who asks here. */
export const sendsLinks = (c: Context<Environment>): boolean => mailUnset(c.get('services'), linkOriginOf(c)) === null
