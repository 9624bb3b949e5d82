import type { ConsoleChartsTexts } from '../console-charts-shapes.ts'

export const consoleCharts: ConsoleChartsTexts = {
  periods: { hour: 'Die letzte Stunde', day: 'Der letzte Tag', month: 'Die letzten 30 Tage' },
  period: 'Zeitraum',
  utc: 'Zeiten sind in UTC angegeben.',
  numbers: (title) => `Zahlen: ${title}`,
  time: 'Ab',
  total: 'insgesamt',
  most: 'höchstens',
  notYet: 'nicht gezählt',
  alive: {
    title: 'Lebende Sitzungen',
    none: 'Noch hat niemand gezählt: Die erste Zahl kommt innerhalb einer Minute.',
    signedIn: 'angemeldet',
    anonymous: 'anonym',
  },
  signIns: {
    title: 'Anmeldungen',
    none: 'Niemand hat sich angemeldet oder es versucht.',
    good: 'angemeldet',
    failed: 'falsches Passwort',
  },
  endings: { title: 'Beendete nach Grund', none: 'Keine Sitzung wurde beendet.' },
  refusals: { title: 'Abgewiesenes nach Grund', none: 'Nichts wurde abgewiesen.', foreign: 'von anderer Website' },
  latency: {
    title: 'Antwortzeit des Speichers',
    none: 'Der Speicher wurde nach nichts gefragt.',
    median: 'die Hälfte in',
    p99: '99 von 100 in',
    longest: 'die längste',
  },
  others: 'andere',
  happened: 'Was geschah',
  happenedNone: 'Nichts geschah.',
}
