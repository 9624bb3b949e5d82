import type { Context } from 'hono'
import { stream } from 'hono/streaming'
import type { AuditFilter } from '../audit/audit.ts'
import { asCsv, asNdjson } from '../audit/exporting.ts'
import type { Kept } from '../audit/kept.ts'
import type { Environment } from '../environment.ts'
import { useTexts } from '../pages/frame.tsx'
import { Link } from '../pages/links.tsx'
import { renderPage } from '../pages/render.tsx'
import { Time } from '../pages/time.tsx'
import { Console, Table } from './frame.tsx'
import { administrator } from './guard.ts'

const PAGE = 100
const LONGEST = 64

/** Only what a filter can mean; the rest is none. */
function filterOf(c: Context<Environment>): AuditFilter {
  const text = (name: string) => {
    const value = c.req.query(name)
    return value === undefined || value === '' || value.length > LONGEST ? undefined : value
  }
  const before = Number(c.req.query('before'))
  const type = text('type')
  return {
    userId: text('user'),
    sessionId: text('session'),
    ...(type !== undefined && { types: [type] }),
    ...(Number.isSafeInteger(before) && before > 0 && { before }),
  }
}

/** The audit log, the newest first. */
export async function showEvents(c: Context<Environment>) {
  const session = await administrator(c)
  if (session instanceof Response) return session
  const filter = filterOf(c)
  const found = await c.get('services').audit.list(filter, PAGE + 1)
  const older = found.length > PAGE ? (found[PAGE - 1]?.id ?? null) : null
  const query = new URLSearchParams()
  for (const [name, value] of [
    ['user', filter.userId],
    ['session', filter.sessionId],
    ['type', filter.types?.[0]],
  ] as const) {
    if (value !== undefined) query.set(name, value)
  }
  return await renderPage(c, <EventsPage events={found.slice(0, PAGE)} older={older} query={query} />)
}

const EXPORTS = {
  csv: { write: asCsv, type: 'text/csv; charset=utf-8; header=present' },
  ndjson: { write: asNdjson, type: 'application/x-ndjson; charset=utf-8' },
} as const

/** All that the filter leaves, as a file, however much it is. */
export async function exportEvents(c: Context<Environment>) {
  const session = await administrator(c)
  if (session instanceof Response) return session
  const { write, type } = EXPORTS[c.req.path.endsWith('.csv') ? 'csv' : 'ndjson']
  const name = c.req.path.split('/').at(-1) ?? 'events'
  c.header('Content-Type', type)
  c.header('Content-Disposition', `attachment; filename="${name}"`)
  c.header('Cache-Control', 'no-store')
  const texts = write(c.get('services').audit.stream(filterOf(c)))
  return stream(c, async (to) => {
    for await (const text of texts) {
      // Writing to who has gone fails silently, so what is left would be read for nobody.
      if (to.aborted) return
      await to.write(text)
    }
  })
}

interface EventsProps {
  readonly events: readonly Kept[]
  readonly older: number | null
  readonly query: URLSearchParams
}

function EventsPage({ events, older, query }: EventsProps) {
  const { administration: texts } = useTexts()
  const suffix = query.size === 0 ? '' : `?${query}`
  return (
    <Console title={texts.events}>
      <p class="row">
        {query.size === 0 ? null : <Link href="/admin/events">{texts.all}</Link>}
        <Link href={`/admin/events.csv${suffix}`}>{texts.exportAs} CSV</Link>
        <Link href={`/admin/events.ndjson${suffix}`}>{texts.exportAs} NDJSON</Link>
      </p>
      <EventTable events={events} />
      {older === null ? null : (
        <p class="row">
          <Link
            class="button quiet"
            href={`/admin/events?${new URLSearchParams([...query, ['before', String(older)]])}`}
          >
            {texts.next}
          </Link>
        </p>
      )}
    </Console>
  )
}

/** Events with links to whom and what they are about. */
export function EventTable({ events }: { readonly events: readonly Kept[] }) {
  const { administration: texts } = useTexts()
  return (
    <Table
      caption={texts.events}
      head={[texts.when, texts.what, texts.who, texts.story, texts.details]}
      rows={events.map(({ at, type, severity, userId, sessionId, actor, detail }) => [
        <Time at={at} />,
        <span class={`severity-${severity}`}>{type}</span>,
        <>
          {userId === null ? '–' : <Link href={`/admin/users/${userId}`}>{userId.slice(0, 8)}</Link>}
          {actor === null ? null : ` ← ${actor.slice(0, 8)}`}
        </>,
        sessionId === null ? '–' : <Link href={`/admin/sessions/${sessionId}`}>{sessionId.slice(0, 8)}</Link>,
        <code>{JSON.stringify(detail)}</code>,
      ])}
    />
  )
}
