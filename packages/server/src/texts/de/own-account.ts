import type { OwnAccountTexts } from '../own-account-shapes.ts'

export const ownAccount: OwnAccountTexts = {
  title: 'Ihr Konto',
  lead: 'Was Sie sehen und ändern können.',
  currentPassword: 'Jetziges Passwort',
  newPassword: 'Neues Passwort',
  devices: { title: 'Geräte', hint: 'Wo Sie angemeldet sind, und wie Sie das beenden.' },
  password: {
    title: 'Passwort ändern',
    hint: 'Alle anderen Geräte werden dadurch abgemeldet.',
    button: 'Passwort ändern',
    changed: 'Ihr Passwort ist geändert. Alle anderen Geräte sind abgemeldet.',
  },
  email: {
    title: 'E-Mail-Adresse',
    hint: 'Für die Anmeldung und für ein vergessenes Passwort.',
    label: 'E-Mail-Adresse',
    present: (address) => `Ihre Adresse ist ${address}.`,
    none: 'Ihr Konto hat keine Adresse.',
    set: 'Wir senden einen Link an die neue Adresse. Sie ist Ihre, wenn Sie den Link geöffnet haben; bis dahin gilt die jetzige.',
    setButton: 'Link senden',
    remove: 'Ohne Adresse lässt sich ein vergessenes Passwort nicht per E-Mail ersetzen.',
    removeButton: 'Adresse entfernen',
    sent: (address) => `Eine E-Mail an ${address} ist unterwegs. Öffnen Sie den Link darin innerhalb von 24 Stunden.`,
    removed: 'Ihre Adresse ist entfernt.',
    verifyTitle: 'Ist das Ihre Adresse?',
    verifyQuestion: (address, name) =>
      `${address} wird zu dem Konto ${name} gehören. Ist das nicht Ihres, tun Sie nichts: Wer es hat, würde sich mit Ihrer Adresse anmelden.`,
    verifyButton: 'Ja, das ist meine',
    verified: (address) => `${address} ist jetzt Ihre Adresse.`,
  },
  deletion: {
    title: 'Konto löschen',
    hint: 'Endgültig, mit allen Sitzungen.',
    warning: (name) =>
      `Das Konto ${name} wird endgültig gelöscht, und alle seine Geräte werden abgemeldet. Den Namen kann jemand anderes nehmen.`,
    button: 'Konto löschen',
    done: 'Ihr Konto ist gelöscht.',
  },
  reset: {
    link: 'Passwort vergessen?',
    title: 'Passwort vergessen?',
    lead: 'Wir senden einen Link, mit dem Sie ein anderes wählen. Er geht an die Adresse Ihres Kontos.',
    button: 'Link senden',
    sent: 'Wenn es ein solches Konto gibt und es eine Adresse hat, ist eine E-Mail unterwegs. Der Link darin gilt 30 Minuten. Wenn Sie mehrmals angefragt haben, benutzen Sie den neuesten Link: In dieser Zeit werden nur wenige E-Mails gesendet. Nichts gekommen? Wenden Sie sich an die Verwaltung.',
    chooseTitle: 'Neues Passwort wählen',
    chooseLead: (name) => `Für das Konto ${name}. Alle seine Geräte werden dadurch abgemeldet.`,
    chooseButton: 'Passwort setzen',
    done: 'Ihr Passwort ist geändert: Melden Sie sich damit an.',
    voidTitle: 'Dieser Link gilt nicht',
    again: 'Einen anderen anfordern',
  },
}
