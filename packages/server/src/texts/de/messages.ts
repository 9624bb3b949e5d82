import type { MessageTexts } from '../shapes.ts'

export const messages: MessageTexts = {
  forbidden: ['Für die Verwaltung', 'Ihre Rolle öffnet diese Seite nicht.'],
  notFound: ['Hier ist nichts', 'Unter dieser Adresse gibt es keine Seite.'],
  wrongMethod: [
    'So nicht',
    'Unter dieser Adresse gibt es etwas, aber es wird anders aufgerufen. Es wurde nichts getan.',
  ],
  tooLarge: ['Zu groß', 'Das war mehr, als ein Formular fasst.'],
  unavailable: [
    'Einen Moment bitte',
    'Wir können gerade nicht antworten. Bitte versuchen Sie es in einigen Sekunden erneut.',
  ],
  signOutUnconfirmed: [
    'In diesem Browser abgemeldet',
    'Unser Server konnte es noch nicht bestätigen und versucht es weiter. An einem Rechner, den auch andere benutzen, schließen Sie jetzt den Browser und sehen später nach Ihren Geräten.',
  ],
  failed: [
    'Etwas ist schiefgegangen',
    'Es liegt nicht an Ihnen. Bitte versuchen Sie es erneut; es wurde festgehalten.',
  ],
  foreign: [
    'Nicht von hier',
    'Diese Anfrage kam von einer anderen Website, deshalb wurde nichts getan. Gehen Sie zurück und benutzen Sie das Formular auf unserer eigenen Seite.',
  ],
  needsHttps: [
    'Die Anmeldung braucht https',
    (host) =>
      `Sie haben diesen Server unter http://${host} erreicht, ohne Verschlüsselung. Dort behalten Browser keine Anmeldung, sie kann also nicht gelingen. ` +
      `Auf dem Rechner des Servers öffnen Sie ihn als http://localhost. Für andere stellen Sie einen Proxy davor, der https spricht, ` +
      `und starten den Server mit COATCHECK_ORIGIN=https://${host.replace(/:\d+$/, '')}.`,
  ],
}
