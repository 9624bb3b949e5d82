import type { Context } from 'hono'
import { stream } from 'hono/streaming'
import type { AuditFilter } from '../audit/audit.ts'
import { asCsv, asNdjson } from '../audit/exporting.ts'
import { KEPT_TYPES } from '../audit/happenings.ts'
import type { Kept } from '../audit/kept.ts'
import type { Environment } from '../environment.ts'
import { useTexts } from '../pages/frame.tsx'
import { Form, Link } from '../pages/links.tsx'
import { renderPage } from '../pages/render.tsx'
import { Time } from '../pages/time.tsx'
import { Console, Kind, Sought, Table } from './frame.tsx'
import { administrator } from './guard.ts'
import { type Names, namesOf, peopleOf, shownName } from './names.ts'
import { kindOf, sentenceOf } from './wording.ts'

const PAGE = 50
const LONGEST = 254

/** As it was typed, or stands in a link. */
interface Asked {
  /** A name, an address or an id. */
  readonly user: string
  readonly type: string
  readonly session: string
}

function askedOf(c: Context<Environment>): Asked {
  const text = (name: string) => (c.req.query(name) ?? '').trim().slice(0, LONGEST)
  return { user: text('user'), type: text('type'), session: text('session') }
}

async function filterOf(c: Context<Environment>, { user, type, session }: Asked): Promise<AuditFilter> {
  const { accounts } = c.get('services')
  const before = Number(c.req.query('before'))
  return {
    ...(user !== '' && { userId: (await accounts.find(user))?.id ?? user }),
    ...(session !== '' && { sessionId: session }),
    ...(type !== '' && { types: [type] }),
    ...(Number.isSafeInteger(before) && before > 0 && { before }),
  }
}

/** The audit log, the newest first. */
export async function showEvents(c: Context<Environment>) {
  const session = await administrator(c)
  if (session instanceof Response) return session
  const services = c.get('services')
  const asked = askedOf(c)
  const filter = await filterOf(c, asked)
  const found = await services.audit.list(filter, PAGE + 1)
  const events = found.slice(0, PAGE)
  const names = await namesOf(services, [filter.userId ?? null, ...peopleOf(events)])
  const props = {
    // A link has the id, and a person looks for a name.
    asked: { ...asked, user: names.get(filter.userId ?? '') ?? asked.user },
    older: found.length > PAGE ? (events.at(-1)?.id ?? null) : null,
    query: new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== '')),
  }
  return await renderPage(c, <EventsPage events={events} names={names} {...props} />)
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
  const texts = write(c.get('services').audit.stream(await filterOf(c, askedOf(c))))
  return stream(c, async (to) => {
    for await (const text of texts) {
      // Writing to who has gone fails silently, so what is left would be read for nobody.
      if (to.aborted) return
      await to.write(text)
    }
  })
}

interface EventsProps {
  readonly asked: Asked
  readonly events: readonly Kept[]
  readonly names: Names
  readonly older: number | null
  readonly query: URLSearchParams
}

function EventsPage({ asked, events, names, older, query }: EventsProps) {
  const { administration: texts } = useTexts()
  const suffix = query.size === 0 ? '' : `?${query}`
  return (
    <Console title={texts.events}>
      <Filter asked={asked} />
      <p class="row">
        {query.size === 0 ? null : <Link href="/admin/events">{texts.all}</Link>}
        <Link href={`/admin/events.csv${suffix}`}>{texts.exportAs} CSV</Link>
        <Link href={`/admin/events.ndjson${suffix}`}>{texts.exportAs} NDJSON</Link>
      </p>
      <EventTable events={events} names={names} isOnly />
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

function Filter({ asked }: Pick<EventsProps, 'asked'>) {
  const { administration: texts, consoleSessions, happenings } = useTexts()
  const known: readonly string[] = KEPT_TYPES
  const types = asked.type === '' || known.includes(asked.type) ? known : [asked.type, ...known]
  const nameOf = (type: string) => {
    const kind = kindOf(happenings, type)
    return kind === type ? type : `${kind} (${type})`
  }
  return (
    <Form method="get" action="/admin/events" class="card finding">
      <Sought name="user" value={asked.user} label={texts.who} hint={texts.whoHint} maxlength={LONGEST} />
      <label>
        {texts.what}
        <select name="type">
          <option value="">{texts.anything}</option>
          {types.map((type) => (
            <option value={type} selected={type === asked.type}>
              {nameOf(type)}
            </option>
          ))}
        </select>
      </label>
      <Sought
        name="session"
        value={asked.session}
        label={consoleSessions.session}
        hint={texts.sessionHint}
        maxlength={LONGEST}
      />
      <button type="submit">{texts.find}</button>
    </Form>
  )
}

/** Events in plain words, with links to whom and what they are about. */
export function EventTable({
  events,
  names,
  isOnly = false,
}: Pick<EventsProps, 'events' | 'names'> & { readonly isOnly?: boolean }) {
  const texts = useTexts()
  const { when, what, who, story, details, events: caption } = texts.administration
  return (
    <Table
      caption={caption}
      isOnly={isOnly}
      head={[when, what, who, story, details]}
      rows={events.map((kept) => [
        <Time at={kept.at} />,
        <span class={`severity-${kept.severity}`}>
          <Kind type={kept.type} />
        </span>,
        <>
          {kept.userId === null ? (
            '–'
          ) : (
            <Link href={`/admin/users/${kept.userId}`}>{shownName(names, kept.userId)}</Link>
          )}
          {kept.actor === null ? null : <> ({texts.consoleSessions.by(shownName(names, kept.actor))})</>}
        </>,
        kept.sessionId === null ? (
          '–'
        ) : (
          <Link href={`/admin/sessions/${kept.sessionId}`}>{kept.sessionId.slice(0, 8)}</Link>
        ),
        sentenceOf(kept, texts),
      ])}
    />
  )
}
