import type { Texts } from '../en/index.ts'
import { account } from './account.ts'
import { activity } from './activity.ts'
import { administration } from './console.ts'
import { consoleCharts } from './console-charts.ts'
import { consoleKeys, consolePolicy } from './console-policy.ts'
import { consoleSessions } from './console-sessions.ts'
import { endings } from './endings.ts'
import { happenings } from './happenings.ts'
import { mails } from './mails.ts'
import { messages } from './messages.ts'
import { ownAccount } from './own-account.ts'
import { preferences } from './preferences.ts'
import { refusals } from './refusals.ts'
import { session } from './session.ts'

export const de: Texts = {
  account,
  activity,
  administration,
  consoleCharts,
  consoleKeys,
  consolePolicy,
  consoleSessions,
  endings,
  happenings,
  mails,
  messages,
  ownAccount,
  preferences,
  refusals,
  session,
}
