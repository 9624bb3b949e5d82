import type { ActivityTexts } from '../activity-shapes.ts'

const at = (place: string) => (place === '' ? '' : `: ${place}`)

export const activity: ActivityTexts = {
  title: 'Recent activity',
  lead: 'What happened to your account, the newest first. If something was not you, end that device and change your password.',
  none: 'Nothing happened yet.',
  older: 'Older',
  hint: 'Sign-ins, endings and changes.',
  byOther: 'by an administrator',
  times: (sentence, count) => `${sentence} (${count} times within an hour)`,
  place: (device, network) => [device, network].filter((part) => part !== null).join(', '),
  sentences: {
    signedIn: (place) => `Signed in${at(place)}`,
    signedInNew: (place) => `Signed in from a new device${at(place)}`,
    signInFailed: (place) => `A wrong password was tried${at(place)}`,
    ended: (place) => `Signed out${at(place)}`,
    reauthenticated: (place) => `The password was entered again${at(place)}`,
    refused: (place) => `The signed-out device${place === '' ? '' : ` (${place})`} tried to continue`,
    refusedCopy: (place) => `An old copy of a sign-in was used, and refused${at(place)}`,
    allEnded: 'Devices were signed out together',
    accountCreated: 'The account was made',
    accountDisabled: 'The account was disabled',
    accountEnabled: 'The account was enabled again',
    passwordChanged: 'The password was changed',
    passwordReset: 'A forgotten password was replaced by a link in a mail',
    preferencesChanged: 'Preferences were changed',
    emailSet: 'The e-mail address was set',
    emailRemoved: 'The e-mail address was removed',
    roleChanged: (from, to) => `The role was changed from ${from} to ${to}`,
  },
}
