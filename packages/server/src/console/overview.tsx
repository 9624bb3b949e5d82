import type { Context } from 'hono'
import type { Environment } from '../environment.ts'
import { ALIVE, type History, PERIODS, type Period, STORE_CALLS } from '../measuring/figures.ts'
import { useFrame, useTexts } from '../pages/frame.tsx'
import { Link } from '../pages/links.tsx'
import { renderPage } from '../pages/render.tsx'
import { Chart, type ChartProps } from './charts/chart.tsx'
import { latencySeries, seriesByLabel, seriesOf, sumSeries, totalOf } from './charts/series.ts'
import { Console, Kind, Table } from './frame.tsx'
import { administrator } from './guard.ts'
import { reasonText } from './wording.ts'

interface OverviewProps {
  readonly stats: Readonly<Record<string, number>>
  readonly accounts: number
  readonly period: Period
  readonly history: History
}

/** What there is and what happened, in numbers. */
export async function showOverview(c: Context<Environment>) {
  const session = await administrator(c)
  if (session instanceof Response) return session
  const { accounts, figures, stats } = c.get('services')
  const asked = c.req.query('period') ?? ''
  const period: Period = Object.hasOwn(PERIODS, asked) ? (asked as Period) : 'day'
  const [held, count, history] = await Promise.all([stats(), accounts.count(), figures.read(period)])
  return await renderPage(c, <OverviewPage stats={held} accounts={count} period={period} history={history} />)
}

function OverviewPage({ stats, accounts, period, history }: OverviewProps) {
  const { administration: texts, consoleCharts } = useTexts()
  const { language } = useFrame()
  const number = new Intl.NumberFormat(language)
  const held = (state: string) => (stats[state] === undefined ? '–' : number.format(stats[state]))
  return (
    <Console title={texts.overview}>
      <div class="figures">
        <Figure name={texts.signedIn} value={held('signed-in')} />
        <Figure name={texts.anonymous} value={held('anonymous')} />
        <Figure name={texts.ended} value={held('ended')} />
        <Figure name={texts.accounts} value={number.format(accounts)} />
      </div>
      <nav class="periods" aria-label={consoleCharts.period}>
        {(Object.keys(PERIODS) as Period[]).map((one) => (
          <Link href={`/admin?period=${one}`} {...(one === period ? { 'aria-current': 'page' } : {})}>
            {consoleCharts.periods[one]}
          </Link>
        ))}
        <span class="hint">{consoleCharts.utc}</span>
      </nav>
      <Charts history={history} format={(value) => number.format(value)} />
      <Happened history={history} format={(value) => number.format(value)} />
    </Console>
  )
}

interface ShownHistory {
  readonly history: History
  readonly format: (value: number) => string
}

function Charts({ history, format }: ShownHistory) {
  const { consoleCharts: texts, consoleSessions } = useTexts()
  const { language } = useFrame()
  const milliseconds = new Intl.NumberFormat(language, {
    style: 'unit',
    unit: 'millisecond',
    unitDisplay: 'short',
    maximumSignificantDigits: 2,
  })
  const reason = (label: string) => reasonText(consoleSessions.reasons, label)
  const blocked = sumSeries(history, 'csrf-blocked', texts.refusals.foreign)
  const charts: readonly ChartRow[] = [
    {
      of: 'alive',
      kind: 'lines',
      series: [
        seriesOf(history, ALIVE, 'signed-in', texts.alive.signedIn),
        seriesOf(history, ALIVE, 'anonymous', texts.alive.anonymous),
      ],
    },
    {
      of: 'signIns',
      kind: 'columns',
      series: [
        sumSeries(history, 'signed-in', texts.signIns.good),
        sumSeries(history, 'sign-in-failed', texts.signIns.failed),
      ],
    },
    { of: 'endings', kind: 'columns', series: seriesByLabel(history, 'ended', reason, texts.others) },
    { of: 'refusals', kind: 'columns', series: seriesByLabel(history, 'refused', reason, texts.others, [blocked]) },
    {
      of: 'latency',
      kind: 'log lines',
      format: (value) => milliseconds.format(value),
      series: latencySeries(history, STORE_CALLS, texts.latency),
    },
  ]
  return (
    <div class="charts">
      {charts.map(({ of, ...chart }) => (
        <Chart id={of} title={texts[of].title} none={texts[of].none} history={history} format={format} {...chart} />
      ))}
    </div>
  )
}

/** `of`: whose texts it has. */
type ChartRow = Pick<ChartProps, 'kind' | 'series'> &
  Partial<Pick<ChartProps, 'format'>> & { readonly of: 'alive' | 'signIns' | 'endings' | 'refusals' | 'latency' }

/** How often each kind of thing happened, the most frequent first. */
function Happened({ history, format }: ShownHistory) {
  const { administration, consoleCharts: texts } = useTexts()
  const kinds = [...history.values.keys()].filter((name) => name !== ALIVE && name !== STORE_CALLS)
  const counted = kinds.map((name) => ({ name, total: totalOf(sumSeries(history, name, name)) }))
  if (counted.length === 0) return <p class="lead apart">{texts.happenedNone}</p>
  return (
    <Table
      caption={texts.happened}
      head={[administration.what, administration.howOften]}
      rows={counted
        .toSorted((a, b) => b.total - a.total || a.name.localeCompare(b.name))
        .map(({ name, total }) => [
          <Link href={`/admin/events?type=${encodeURIComponent(name)}`}>
            <Kind type={name} />
          </Link>,
          format(total),
        ])}
    />
  )
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <p class="card figure">
      <strong>{value}</strong> <span class="hint">{name}</span>
    </p>
  )
}
