import type { BodyFault } from '../../actions/refusals.ts'
import type { RefusalTexts } from '../shapes.ts'

const FAULTS = {
  missing: (field: string) => `The field ${field} is missing.`,
  unknown: (field: string) => `The field ${field} is not known here.`,
  unfit: (field: string) => `The field ${field} is not what is asked for.`,
} as const

const faultText = ({ field, fault }: BodyFault) => FAULTS[fault](field)

export const refusals: RefusalTexts = {
  'not-signed-in': () => 'Sign in first.',
  'not-fresh': () => 'Enter your password again first.',
  'invalid-credentials': () => 'Invalid credentials!',
  'name-unfit': () => 'Choose a name of 1 to 64 visible characters.',
  'name-reserved': () => 'This name is reserved. Choose another one, without the sign @.',
  'name-taken': () => 'User already exists!',
  'password-short': ({ least }) => `The password needs at least ${least} characters.`,
  'password-long': ({ most }) => `The password can have at most ${most} characters.`,
  'password-forbidden': () =>
    'This password would be guessed early: many use it, it repeats one piece, or it is little more than your name. Choose another one.',
  'sign-up-closed': () => 'No accounts are made here. Ask an administrator.',
  'invitation-needed': () => 'Accounts are made by invitation here. Ask an administrator for one.',
  'invitation-void': () => 'This invitation was used already, or is too old. Ask for another one.',
  'signed-in-already': () => 'You are signed in already. Sign out first.',
  'account-disabled': () => 'This account is disabled. Ask an administrator.',
  'ended-meanwhile': () =>
    'Your sessions were ended while you were signing in, on another device perhaps. Nobody was signed in: please try again.',
  'too-many-devices': () =>
    'You are signed in on as many devices as allowed. Sign out on one of them, then sign in here again.',
  'setup-code-wrong': () =>
    'This is not the code that the server printed at its start. Look for it in the terminal or the log, and copy all of it.',
  'setup-code-void': () => 'This code does not count any more. Start the server again for a new one.',
  'role-unknown': () => 'There is no such role. COATCHECK_ROLES has the roles.',
  'nobody-there': () => 'There is no such account.',
  'no-such-device': () => 'There is no such device, or it was signed out already.',
  'no-cookies-here': () => 'Signing in needs https: browsers keep no cookie here.',
  'not-json': () => 'Send JSON, and say so: Content-Type: application/json.',
  'body-unfit': ({ faults }) =>
    `${faults.length === 0 ? 'The body is no JSON object.' : faults.map(faultText).join(' ')} See /api/openapi.json.`,
  'too-many-attempts': ({ minutes }) =>
    `That was tried too often. Please try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
  'password-wrong': () => 'That is not your current password.',
  'changed-meanwhile': () => 'Your password was changed meanwhile, on another device perhaps. Nothing was done.',
  'email-unfit': () => 'That is no e-mail address. Write it as in name@example.org.',
  'email-taken': () => 'This address belongs to another account.',
  'code-void': () => 'The link was used already, is too old, or a newer one has taken its place.',
  'mail-unset': ({ isAdministrator }) =>
    isAdministrator
      ? 'This server sends no mail. Set COATCHECK_SMTP_URL and COATCHECK_MAIL_FROM, and start it again.'
      : 'This server sends no mail. Ask an administrator.',
  'origin-unset': ({ isAdministrator }) =>
    isAdministrator
      ? 'This server does not know its own address, so it puts no link into a mail. Set COATCHECK_ORIGIN, and start it again.'
      : 'This server sends no links by mail. Ask an administrator.',
}
