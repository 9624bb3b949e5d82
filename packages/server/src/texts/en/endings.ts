import type { EndingTexts } from '../shapes.ts'

export const endings: EndingTexts = {
  idle: 'You were signed out because nothing happened for a while.',
  absolute: 'You were signed out because your sign-in was as old as it may get.',
  'signed-out': 'You have signed out.',
  revoked: 'You were signed out because this session was ended from another device.',
  disabled: 'You were signed out because your account was disabled.',
  replaced: 'You were signed out because a newer sign-in took the place of this one.',
  limit: 'You were signed out because you signed in on more devices than allowed.',
  reused: 'You were signed out because an old copy of your sign-in was used. Somebody may have stolen it.',
  binding: 'You were signed out because your sign-in came from another device.',
  passwordChanged: 'You were signed out because the password of the account was changed.',
  byAdministrator: 'You were signed out because an administrator ended this session.',
  unknown: null,
  malformed: null,
}
