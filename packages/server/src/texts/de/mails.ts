import type { MailTexts } from '../own-account-shapes.ts'

const CLOSING = 'Coatcheck sendet diese E-Mail von selbst. Antworten liest niemand.'

export const mails: MailTexts = {
  greeting: 'Guten Tag,',
  verify: {
    subject: 'Ist das Ihre Adresse?',
    paragraphs: [
      'jemand hat diese Adresse für ein Konto bei Coatcheck angegeben. Wenn Sie es waren, öffnen Sie innerhalb von 24 Stunden den Link, und die Adresse ist dort Ihre.',
      'Wenn Sie es nicht waren, tun Sie nichts.',
    ],
    link: 'Adresse bestätigen',
    closing: CLOSING,
  },
  reset: (name) => ({
    subject: 'Ein neues Passwort',
    paragraphs: [
      `jemand hat ein neues Passwort für Ihr Konto ${name} angefordert. Wenn Sie es waren, öffnen Sie innerhalb von 30 Minuten den Link; er gilt einmal.`,
      'Wenn Sie es nicht waren, tun Sie nichts: Ihr Passwort bleibt, wie es ist.',
    ],
    link: 'Neues Passwort wählen',
    closing: CLOSING,
  }),
  newDevice: (name, place) => ({
    subject: 'Ein neues Gerät hat sich angemeldet',
    paragraphs: [
      `bei Ihrem Konto ${name} hat sich jemand von einem Gerät angemeldet, das es vorher nicht tat: ${place}.`,
      'Waren Sie es nicht, beenden Sie es auf der Seite „Geräte“ und ändern Sie sofort Ihr Passwort.',
    ],
    link: null,
    closing: CLOSING,
  }),
  passwordChanged: (name) => ({
    subject: 'Ihr Passwort wurde geändert',
    paragraphs: [
      `das Passwort Ihres Kontos ${name} wurde geändert, und seine anderen Geräte wurden abgemeldet.`,
      'Wenn Sie es nicht waren, wählen Sie sofort ein neues über „Passwort vergessen?“ auf der Anmeldeseite.',
    ],
    link: null,
    closing: CLOSING,
  }),
  alertsOff: (name) => ({
    subject: 'E-Mails zu Ihrem Konto wurden abgestellt',
    paragraphs: [
      `zu neuen Geräten und Passwortänderungen Ihres Kontos ${name} erhalten Sie keine E-Mails mehr: Sie wurden in den Einstellungen des Kontos abgestellt.`,
      'Wenn Sie es nicht waren, ist jemand anderes angemeldet: Wählen Sie sofort ein neues Passwort über „Passwort vergessen?“ auf der Anmeldeseite, und stellen Sie die E-Mails wieder an.',
    ],
    link: null,
    closing: CLOSING,
  }),
  emailChanged: (name) => ({
    subject: 'Ihre Adresse wurde geändert',
    paragraphs: [
      `diese Adresse gehört nicht mehr zu Ihrem Konto ${name}: Sie wurde entfernt, oder eine andere ist an ihre Stelle getreten.`,
      'Wenn Sie es nicht waren, sagen Sie es sofort der Verwaltung.',
    ],
    link: null,
    closing: CLOSING,
  }),
}
