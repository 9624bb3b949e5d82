import type { BodyFault } from '../../actions/refusals.ts'
import type { RefusalTexts } from '../shapes.ts'

const FAULTS = {
  missing: (field: string) => `Das Feld ${field} fehlt.`,
  unknown: (field: string) => `Das Feld ${field} gibt es hier nicht.`,
  unfit: (field: string) => `Das Feld ${field} enthält nicht, was gefragt ist.`,
} as const

const faultText = ({ field, fault }: BodyFault) => FAULTS[fault](field)

export const refusals: RefusalTexts = {
  'not-signed-in': () => 'Melden Sie sich erst an.',
  'not-fresh': () => 'Geben Sie erst Ihr Passwort noch einmal ein.',
  'invalid-credentials': () => 'Name oder Passwort ist falsch!',
  'name-unfit': () => 'Wählen Sie einen Namen aus 1 bis 64 sichtbaren Zeichen.',
  'name-reserved': () => 'Dieser Name ist vorbehalten. Wählen Sie einen anderen, ohne das Zeichen @.',
  'name-taken': () => 'Diesen Namen gibt es schon!',
  'password-short': ({ least }) => `Das Passwort braucht mindestens ${least} Zeichen.`,
  'password-long': ({ most }) => `Das Passwort darf höchstens ${most} Zeichen haben.`,
  'password-forbidden': () =>
    'Dieses Passwort würde früh erraten: Viele benutzen es, es wiederholt ein Stück, oder es ist wenig mehr als Ihr Name. Wählen Sie ein anderes.',
  'sign-up-closed': () => 'Hier werden keine Konten angelegt. Wenden Sie sich an die Verwaltung.',
  'invitation-needed': () => 'Konten gibt es hier nur auf Einladung. Bitten Sie die Verwaltung um eine.',
  'invitation-void': () => 'Diese Einladung wurde schon benutzt oder ist zu alt. Bitten Sie um eine neue.',
  'signed-in-already': () => 'Sie sind schon angemeldet. Melden Sie sich erst ab.',
  'account-disabled': () => 'Dieses Konto ist gesperrt. Wenden Sie sich an die Verwaltung.',
  'ended-meanwhile': () =>
    'Ihre Sitzungen wurden während der Anmeldung beendet, vielleicht auf einem anderen Gerät. Niemand wurde angemeldet: Bitte versuchen Sie es erneut.',
  'too-many-devices': () =>
    'Sie sind auf so vielen Geräten angemeldet wie erlaubt. Melden Sie sich auf einem ab und dann hier erneut an.',
  'setup-code-wrong': () =>
    'Das ist nicht der Code, den der Server beim Start ausgegeben hat. Suchen Sie ihn im Terminal oder im Protokoll, und kopieren Sie ihn ganz.',
  'setup-code-void': () => 'Dieser Code gilt nicht mehr. Starten Sie den Server neu, um einen neuen zu bekommen.',
  'role-unknown': () => 'Diese Rolle gibt es nicht. Die Rollen stehen in COATCHECK_ROLES.',
  'nobody-there': () => 'Dieses Konto gibt es nicht.',
  'no-such-device': () => 'Dieses Gerät gibt es nicht, oder es war schon abgemeldet.',
  'no-cookies-here': () => 'Die Anmeldung braucht https: Browser behalten hier kein Cookie.',
  'not-json': () => 'Senden Sie JSON, und sagen Sie es: Content-Type: application/json.',
  'body-unfit': ({ faults }) =>
    `${faults.length === 0 ? 'Der Inhalt ist kein JSON-Objekt.' : faults.map(faultText).join(' ')} Siehe /api/openapi.json.`,
  'too-many-attempts': ({ minutes }) =>
    `Das wurde zu oft versucht. Bitte versuchen Sie es in ${minutes} ${minutes === 1 ? 'Minute' : 'Minuten'} erneut.`,
  'password-wrong': () => 'Das ist nicht Ihr jetziges Passwort.',
  'changed-meanwhile': () =>
    'Ihr Passwort wurde inzwischen geändert, vielleicht auf einem anderen Gerät. Es wurde nichts getan.',
  'email-unfit': () => 'Das ist keine E-Mail-Adresse. Schreiben Sie sie wie name@example.org.',
  'email-taken': () => 'Diese Adresse gehört zu einem anderen Konto.',
  'code-void': () => 'Der Link wurde schon benutzt, ist zu alt, oder ein neuerer ist an seine Stelle getreten.',
  'mail-unset': ({ isAdministrator }) =>
    isAdministrator
      ? 'Dieser Server sendet keine E-Mails. Setzen Sie COATCHECK_SMTP_URL und COATCHECK_MAIL_FROM und starten Sie ihn neu.'
      : 'Dieser Server sendet keine E-Mails. Wenden Sie sich an die Verwaltung.',
  'origin-unset': ({ isAdministrator }) =>
    isAdministrator
      ? 'Dieser Server kennt seine eigene Adresse nicht, deshalb setzt er keinen Link in eine E-Mail. Setzen Sie COATCHECK_ORIGIN und starten Sie ihn neu.'
      : 'Dieser Server sendet keine Links per E-Mail. Wenden Sie sich an die Verwaltung.',
}
