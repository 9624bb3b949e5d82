import type { ConsoleChartsTexts } from '../console-charts-shapes.ts'

export const consoleCharts: ConsoleChartsTexts = {
  periods: { hour: 'The last hour', day: 'The last day', month: 'The last 30 days' },
  period: 'Period',
  utc: 'Times are in UTC.',
  numbers: (title) => `Numbers: ${title}`,
  time: 'From',
  total: 'in all',
  most: 'at most',
  notYet: 'not counted',
  alive: {
    title: 'Sessions alive',
    none: 'Nobody has looked yet: the first count comes within a minute.',
    signedIn: 'signed in',
    anonymous: 'anonymous',
  },
  signIns: {
    title: 'Sign-ins',
    none: 'Nobody signed in, and nobody tried to.',
    good: 'signed in',
    failed: 'wrong password',
  },
  endings: { title: 'Endings by reason', none: 'No session ended.' },
  refusals: { title: 'Refusals by reason', none: 'Nothing was refused.', foreign: 'sent by another site' },
  latency: {
    title: 'Store latency',
    none: 'The store was not asked for anything.',
    median: 'half within',
    p99: '99 of 100 within',
    longest: 'the longest',
  },
  others: 'others',
  happened: 'What happened',
  happenedNone: 'Nothing happened.',
}
