import type { AccountTexts } from '../shapes.ts'

/** Making an account and signing in. */
export const account: AccountTexts = {
  name: 'Name',
  nameOrEmail: 'Name or e-mail address',
  password: 'Password',
  passwordHint: (least, most) =>
    `${least} to ${most} characters of any kind. A few words in a row are easy to remember. Not one that many use, nor your name, nor one piece again and again.`,
  signUp: {
    title: 'Create an account',
    button: 'Create account',
    already: 'Already have an account?',
    closed: 'No accounts are made here. Ask an administrator.',
    byInvitation: 'Accounts are made by invitation here. Ask an administrator for one.',
    void: 'This invitation was used already, or is too old. Ask for another one.',
    signedInTitle: 'No account was made',
    signedIn: (name) => `You are signed in as ${name}. Sign out first, then create another account.`,
  },
  signIn: {
    title: 'Sign in',
    button: 'Sign in',
    newHere: 'New here?',
    welcome: 'Welcome! Your account is ready: sign in with it.',
    goodbye: 'You have signed out.',
    lockedHint: (minutes) =>
      `After many wrong passwords even the right one is refused for a while. If you are sure of yours, try again in ${minutes} minutes.`,
  },
  setUp: {
    title: 'The first administrator',
    lead: 'The code stands where the server was started. It counts for 30 minutes and only once.',
    code: 'Code',
    button: 'Create the administrator',
  },
  reauthenticate: {
    title: 'Enter your password again',
    why: (name) => `This cannot be undone, so we make sure that it is you, ${name}.`,
    button: 'Go on',
  },
}
