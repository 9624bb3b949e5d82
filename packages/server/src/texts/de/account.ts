import type { AccountTexts } from '../shapes.ts'

export const account: AccountTexts = {
  name: 'Name',
  nameOrEmail: 'Name oder E-Mail-Adresse',
  password: 'Passwort',
  passwordHint: (least, most) =>
    `${least} bis ${most} beliebige Zeichen. Einige Wörter hintereinander merkt man sich leicht. Keins, das viele benutzen, nicht Ihr Name und kein Stück, das sich wiederholt.`,
  signUp: {
    title: 'Konto anlegen',
    button: 'Konto anlegen',
    already: 'Schon ein Konto?',
    closed: 'Hier werden keine Konten angelegt. Wenden Sie sich an die Verwaltung.',
    byInvitation: 'Konten gibt es hier nur auf Einladung. Bitten Sie die Verwaltung um eine.',
    void: 'Diese Einladung wurde schon benutzt oder ist zu alt. Bitten Sie um eine neue.',
    signedInTitle: 'Es wurde kein Konto angelegt',
    signedIn: (name) =>
      `Sie sind als ${name} angemeldet. Melden Sie sich erst ab, dann legen Sie ein weiteres Konto an.`,
  },
  signIn: {
    title: 'Anmelden',
    button: 'Anmelden',
    newHere: 'Neu hier?',
    welcome: 'Willkommen! Ihr Konto ist bereit: Melden Sie sich damit an.',
    goodbye: 'Sie haben sich abgemeldet.',
    lockedHint: (minutes) =>
      `Nach vielen falschen Passwörtern wird eine Weile auch das richtige abgewiesen. Sind Sie sich sicher, versuchen Sie es in ${minutes} Minuten wieder.`,
  },
  setUp: {
    title: 'Das erste Verwaltungskonto',
    lead: 'Der Code steht dort, wo der Server gestartet wurde. Er gilt 30 Minuten und nur einmal.',
    code: 'Code',
    button: 'Verwaltungskonto anlegen',
  },
  reauthenticate: {
    title: 'Geben Sie Ihr Passwort noch einmal ein',
    why: (name) => `Das lässt sich nicht zurücknehmen, deshalb stellen wir sicher, dass Sie es sind, ${name}.`,
    button: 'Weiter',
  },
}
