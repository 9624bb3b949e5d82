import type { OwnAccountTexts } from '../own-account-shapes.ts'

export const ownAccount: OwnAccountTexts = {
  title: 'Your account',
  lead: 'What you can see and change of it.',
  currentPassword: 'Current password',
  newPassword: 'New password',
  devices: { title: 'Devices', hint: 'Where you are signed in, and how to end it.' },
  password: {
    title: 'Change your password',
    hint: 'All other devices are signed out by it.',
    button: 'Change password',
    changed: 'Your password is changed. All other devices are signed out.',
  },
  email: {
    title: 'E-mail address',
    hint: 'For signing in, and for a forgotten password.',
    label: 'E-mail address',
    present: (address) => `Your address is ${address}.`,
    none: 'Your account has no address.',
    set: 'We send a link to the new address. It is yours when you have opened the link; until then the present one counts.',
    setButton: 'Send the link',
    remove: 'Without an address, a forgotten password cannot be replaced by mail.',
    removeButton: 'Remove the address',
    sent: (address) => `A mail to ${address} is on its way. Open the link in it within 24 hours.`,
    removed: 'Your address is removed.',
    verifyTitle: 'Is this your address?',
    verifyQuestion: (address, name) =>
      `${address} will belong to the account ${name}. If that is not yours, do nothing: whoever has it would sign in with your address.`,
    verifyButton: 'Yes, it is mine',
    verified: (address) => `${address} is your address now.`,
  },
  deletion: {
    title: 'Delete your account',
    hint: 'For good, with all its sessions.',
    warning: (name) =>
      `The account ${name} is deleted for good, and all its devices are signed out. Somebody else may take the name.`,
    button: 'Delete the account',
    done: 'Your account is deleted.',
  },
  reset: {
    link: 'Forgot your password?',
    title: 'Forgot your password?',
    lead: 'We send a link by which you choose another one. It goes to the address of your account.',
    button: 'Send the link',
    sent: 'If there is such an account, and it has an address, a mail is on its way. The link in it counts for 30 minutes. If you asked several times, use the newest link: only a few mails are sent in that time. Nothing came? Ask an administrator.',
    chooseTitle: 'Choose a new password',
    chooseLead: (name) => `For the account ${name}. All its devices are signed out by it.`,
    chooseButton: 'Set the password',
    done: 'Your password is changed: sign in with it.',
    voidTitle: 'This link does not count',
    again: 'Ask for another one',
  },
}
