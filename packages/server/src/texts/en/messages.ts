import type { MessageTexts } from '../shapes.ts'

export const messages: MessageTexts = {
  forbidden: ['For administrators', 'Your role does not open this page.'],
  notFound: ['Nothing here', 'There is no page at this address.'],
  wrongMethod: [
    'Not like this',
    'There is something at this address, but it is asked for in another way. Nothing was done.',
  ],
  tooLarge: ['Too large', 'That was more than a form holds.'],
  unavailable: ['One moment, please', 'We cannot answer just now. Please try again in a few seconds.'],
  signOutUnconfirmed: [
    'Signed out in this browser',
    'Our server could not confirm it yet, and keeps trying. On a computer that others use, close the browser now, and look at your devices later.',
  ],
  failed: ['Something went wrong', 'It is not your fault. Please try again; it has been written down.'],
  foreign: [
    'Not from here',
    'This request came from another site, so nothing was done. Go back and use the form on our own page.',
  ],
  needsHttps: [
    'Signing in needs https',
    (host) =>
      `You reached this server at http://${host}, without encryption. Browsers keep no sign-in there, so signing in cannot work. ` +
      `On the server's own machine, open it as http://localhost. From elsewhere, put a proxy that speaks https before it, ` +
      `and start it with COATCHECK_ORIGIN=https://${host.replace(/:\d+$/, '')}.`,
  ],
}
