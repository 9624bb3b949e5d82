import type { Context } from 'hono'
import type { Environment } from '../environment.ts'
import { useFrame, useTexts } from '../pages/frame.tsx'
import { renderPage } from '../pages/render.tsx'
import { Bars } from './bars.tsx'
import { Console, Table } from './frame.tsx'
import { administrator } from './guard.ts'

const HOUR = 3_600_000
const PERIODS = { hour: HOUR, day: 24 * HOUR, month: 30 * 24 * HOUR } as const
type Period = keyof typeof PERIODS

interface OverviewProps {
  readonly stats: Readonly<Record<string, number>>
  readonly accounts: number
  readonly counts: Readonly<Record<Period, ReadonlyMap<string, number>>>
  /** Sign-ins in each of the last 24 hours, the earliest first. */
  readonly signIns: readonly { readonly at: number; readonly count: number }[]
}

/** What there is and what happened, in numbers. */
export async function showOverview(c: Context<Environment>) {
  const session = await administrator(c)
  if (session instanceof Response) return session
  const { accounts, audit, stats } = c.get('services')
  const now = Date.now()
  const [held, count, hour, day, month, signIns] = await Promise.all([
    stats(),
    accounts.count(),
    audit.count(now - PERIODS.hour),
    audit.count(now - PERIODS.day),
    audit.count(now - PERIODS.month),
    audit.byHour('signed-in', now - PERIODS.day, now),
  ])
  return await renderPage(
    c,
    <OverviewPage stats={held} accounts={count} counts={{ hour, day, month }} signIns={signIns} />,
  )
}

function OverviewPage({ stats, accounts, counts, signIns }: OverviewProps) {
  const { administration: texts } = useTexts()
  const { language } = useFrame()
  const number = new Intl.NumberFormat(language)
  const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })
  const types = [...counts.month.keys()].toSorted()
  return (
    <Console title={texts.overview}>
      <div class="figures">
        <Figure name={texts.signedIn} value={number.format(stats['signed-in'] ?? 0)} />
        <Figure name={texts.anonymous} value={number.format(stats['anonymous'] ?? 0)} />
        <Figure name={texts.ended} value={number.format(stats['ended'] ?? 0)} />
        <Figure name={texts.accounts} value={number.format(accounts)} />
      </div>
      <section class="card">
        <h2>{texts.signInsByTime}</h2>
        <Bars
          label={texts.signInsByTime}
          values={signIns.map(({ at, count }) => ({ name: `${clock.format(at)} UTC`, count }))}
        />
      </section>
      <Table
        caption={texts.events}
        head={[texts.what, texts.periods.hour, texts.periods.day, texts.periods.month]}
        rows={types.map((type) => [
          <a href={`/admin/events?type=${encodeURIComponent(type)}`}>{type}</a>,
          number.format(counts.hour.get(type) ?? 0),
          number.format(counts.day.get(type) ?? 0),
          number.format(counts.month.get(type) ?? 0),
        ])}
      />
    </Console>
  )
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <p class="card figure">
      <strong>{value}</strong> <span class="hint">{name}</span>
    </p>
  )
}
