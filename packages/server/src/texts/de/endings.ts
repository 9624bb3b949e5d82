import type { EndingTexts } from '../shapes.ts'

export const endings: EndingTexts = {
  idle: 'Sie wurden abgemeldet, weil eine Weile nichts geschah.',
  absolute: 'Sie wurden abgemeldet, weil Ihre Anmeldung so alt war, wie sie werden darf.',
  'signed-out': 'Sie haben sich abgemeldet.',
  revoked: 'Sie wurden abgemeldet, weil diese Sitzung von einem anderen Gerät aus beendet wurde.',
  disabled: 'Sie wurden abgemeldet, weil Ihr Konto gesperrt wurde.',
  replaced: 'Sie wurden abgemeldet, weil eine neuere Anmeldung an die Stelle dieser trat.',
  limit: 'Sie wurden abgemeldet, weil Sie sich auf mehr Geräten angemeldet haben als erlaubt.',
  reused:
    'Sie wurden abgemeldet, weil eine alte Kopie Ihrer Anmeldung benutzt wurde. Vielleicht hat sie jemand gestohlen.',
  binding: 'Sie wurden abgemeldet, weil Ihre Anmeldung von einem anderen Gerät kam.',
  passwordChanged: 'Sie wurden abgemeldet, weil das Passwort des Kontos geändert wurde.',
  byAdministrator: 'Sie wurden abgemeldet, weil die Verwaltung diese Sitzung beendet hat.',
  unknown: null,
  malformed: null,
}
