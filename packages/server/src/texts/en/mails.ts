import type { MailTexts } from '../own-account-shapes.ts'

const CLOSING = 'Coatcheck sends this mail by itself. Answers are read by nobody.'

export const mails: MailTexts = {
  greeting: 'Hello,',
  verify: {
    subject: 'Is this your address?',
    paragraphs: [
      'somebody gave this address for an account at Coatcheck. If it was you, open the link within 24 hours, and the address is yours there.',
      'If it was not you, do nothing.',
    ],
    link: 'Confirm the address',
    closing: CLOSING,
  },
  reset: (name) => ({
    subject: 'A new password',
    paragraphs: [
      `somebody asked for a new password for your account ${name}. If it was you, open the link within 30 minutes; it counts once.`,
      'If it was not you, do nothing: your password stays as it is.',
    ],
    link: 'Choose a new password',
    closing: CLOSING,
  }),
  newDevice: (name, place) => ({
    subject: 'A new device signed in',
    paragraphs: [
      `somebody signed in to your account ${name} from a device that had not before: ${place}.`,
      'If it was not you, end it on the page “Devices” and change your password at once.',
    ],
    link: null,
    closing: CLOSING,
  }),
  passwordChanged: (name) => ({
    subject: 'Your password was changed',
    paragraphs: [
      `the password of your account ${name} was changed, and its other devices were signed out.`,
      'If it was not you, choose a new one at once by “Forgot your password?” on the sign-in page.',
    ],
    link: null,
    closing: CLOSING,
  }),
  alertsOff: (name) => ({
    subject: 'Mails about your account were turned off',
    paragraphs: [
      `you no longer get mails about new devices and changes of the password of your account ${name}: they were turned off on its page of preferences.`,
      'If it was not you, somebody else is signed in: choose a new password at once by “Forgot your password?” on the sign-in page, and turn the mails on again.',
    ],
    link: null,
    closing: CLOSING,
  }),
  emailChanged: (name) => ({
    subject: 'Your address was changed',
    paragraphs: [
      `this address no longer belongs to your account ${name}: it was removed, or another one took its place.`,
      'If it was not you, tell an administrator at once.',
    ],
    link: null,
    closing: CLOSING,
  }),
}
