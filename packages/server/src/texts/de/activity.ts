import type { ActivityTexts } from '../activity-shapes.ts'

const at = (place: string) => (place === '' ? '' : `: ${place}`)

export const activity: ActivityTexts = {
  title: 'Letzte Aktivität',
  lead: 'Was mit Ihrem Konto geschah, das Neueste zuerst. Waren Sie etwas nicht selbst, beenden Sie dieses Gerät und ändern Sie Ihr Passwort.',
  none: 'Noch ist nichts geschehen.',
  older: 'Älteres',
  hint: 'Anmeldungen, Abmeldungen und Änderungen.',
  byOther: 'durch die Verwaltung',
  times: (sentence, count) => `${sentence} (${count}-mal innerhalb einer Stunde)`,
  place: (device, network) => [device, network].filter((part) => part !== null).join(', '),
  sentences: {
    signedIn: (place) => `Angemeldet${at(place)}`,
    signedInNew: (place) => `Von einem neuen Gerät angemeldet${at(place)}`,
    signInFailed: (place) => `Ein falsches Passwort wurde versucht${at(place)}`,
    ended: (place) => `Abgemeldet${at(place)}`,
    reauthenticated: (place) => `Das Passwort wurde noch einmal eingegeben${at(place)}`,
    refused: (place) => `Das abgemeldete Gerät${place === '' ? '' : ` (${place})`} wollte weitermachen`,
    refusedCopy: (place) => `Eine alte Kopie einer Anmeldung wurde benutzt und abgelehnt${at(place)}`,
    allEnded: 'Mehrere Geräte wurden zusammen abgemeldet',
    accountCreated: 'Das Konto wurde angelegt',
    accountDisabled: 'Das Konto wurde gesperrt',
    accountEnabled: 'Das Konto wurde wieder freigegeben',
    passwordChanged: 'Das Passwort wurde geändert',
    passwordReset: 'Ein vergessenes Passwort wurde durch einen Link in einer E-Mail ersetzt',
    preferencesChanged: 'Einstellungen wurden geändert',
    emailSet: 'Die E-Mail-Adresse wurde gesetzt',
    emailRemoved: 'Die E-Mail-Adresse wurde entfernt',
    roleChanged: (from, to) => `Die Rolle wurde von ${from} in ${to} geändert`,
  },
}
