import { account } from './account.ts'
import { endings } from './endings.ts'
import { messages } from './messages.ts'
import { refusals } from './refusals.ts'
import { session } from './session.ts'

export const en = { account, endings, messages, refusals, session }
