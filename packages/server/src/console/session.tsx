import type { SessionStatus } from 'coatcheck'
import type { Context } from 'hono'
import { endSessions } from '../actions/ending-sessions.ts'
import type { Kept } from '../audit/kept.ts'
import { leadTo } from '../base-path.ts'
import type { Environment, Services } from '../environment.ts'
import { Entry } from '../pages/entry.tsx'
import { useTexts } from '../pages/frame.tsx'
import { Form, Link } from '../pages/links.tsx'
import { renderPage, textsFor } from '../pages/render.tsx'
import { Time } from '../pages/time.tsx'
import { answerMessage } from '../routes/messages.tsx'
import { Console } from './frame.tsx'
import { administrator } from './guard.ts'
import { knownKeys } from './keys.tsx'
import { type Names, namesOf, peopleOf } from './names.ts'
import { State } from './sessions-page.tsx'
import { sentenceOf } from './wording.ts'

/** A story is not longer than that; its latest entries are shown. */
const ENTRIES = 200

/** One session: what is known of it, and what happened to it. */
export async function showSession(c: Context<Environment>) {
  const session = await administrator(c)
  if (session instanceof Response) return session
  const services = c.get('services')
  const id = c.req.param('id') ?? ''
  const [status, entries] = await Promise.all([
    services.sessions.find(id),
    services.audit.list({ sessionId: id }, ENTRIES),
  ])
  if (status === null && entries.length === 0) return await answerMessage(c, 'notFound')
  const userId = userOf(status) ?? entries.find((one) => one.userId !== null)?.userId ?? null
  const names = await namesOf(services, [userId, ...peopleOf(entries)])
  const props: SessionProps = {
    id,
    status,
    userId,
    story: entries.toReversed(),
    names,
    newestKey: await newestKeyOf(services),
    isOwn: userId === session.userId,
    done: c.req.query('done') === undefined ? null : textsFor(c).administration.done,
  }
  return await renderPage(c, <SessionPage {...props} />)
}

function userOf(status: SessionStatus | null): string | null {
  if (status === null) return null
  return status.alive ? status.info.userId : status.userId
}

async function newestKeyOf({ keys }: Services): Promise<SessionProps['newestKey']> {
  const newest = (await knownKeys(keys))?.find(({ state }) => state === 'newest')
  return newest === undefined ? null : { id: newest.id, since: newest.newestAt ?? newest.addedAt }
}

export async function postEndSession(c: Context<Environment>) {
  const session = await administrator(c)
  if (session instanceof Response) return session
  const id = c.req.param('id') ?? ''
  if ((await c.get('services').sessions.find(id)) === null) return await answerMessage(c, 'notFound')
  const ended = await endSessions(c.get('services'), [id], session.userId ?? '')
  return leadTo(c, `/admin/sessions/${id}${ended === 0 ? '' : '?done'}`)
}

interface SessionProps {
  readonly id: string
  /** Null where the store knows it no more. */
  readonly status: SessionStatus | null
  readonly userId: string | null
  /** In the order in which it happened. */
  readonly story: readonly Kept[]
  /** Of the user and of who did something, by their ids. */
  readonly names: Names
  readonly newestKey: { readonly id: string; readonly since: number } | null
  readonly isOwn: boolean
  readonly done: string | null
}

function SessionPage({ id, status, userId, story, names, newestKey, isOwn, done }: SessionProps) {
  const all = useTexts()
  const { administration, consoleSessions: texts } = all
  const name = userId === null ? null : (names.get(userId) ?? userId)
  const isAlive = status?.alive === true
  return (
    <Console title={`${texts.session} ${id.slice(0, 8)}`} notice={done === null ? null : { kind: 'good', text: done }}>
      <section class="card">
        <h2>{texts.facts}</h2>
        <dl>
          <Fact name={texts.user}>{name === null ? '–' : <Link href={`/admin/users/${userId}`}>{name}</Link>}</Fact>
          <Fact name={texts.state}>
            <State status={status} ended={story.findLast(({ type }) => type === 'ended') ?? null} />
          </Fact>
          <Facts status={status} signedIn={story.find(({ type }) => type === 'signed-in') ?? null} />
          {isAlive && newestKey !== null ? (
            <Fact name={texts.key}>
              {(status.info.authenticatedAt ?? status.info.createdAt) >= newestKey.since
                ? texts.newestKey(newestKey.id)
                : texts.earlierKey(newestKey.id)}
            </Fact>
          ) : null}
        </dl>
      </section>
      {isAlive && !isOwn ? (
        <Form method="post" action={`/admin/sessions/${id}/end`} class="row">
          <button type="submit" class="danger">
            {texts.endThis}
          </button>
        </Form>
      ) : null}
      {isAlive && isOwn ? <p class="lead apart">{texts.own}</p> : null}
      <section class="apart">
        <h2>{texts.story}</h2>
        {story.length === 0 ? <p class="lead">{texts.noStory}</p> : null}
        <ol class="devices">
          {story.map((kept) => (
            <Entry
              kept={kept}
              sentence={sentenceOf(kept, all)}
              by={kept.actor === null ? null : texts.by(names.get(kept.actor) ?? kept.actor)}
            />
          ))}
        </ol>
        <p class="row">
          <Link href={`/admin/events?session=${encodeURIComponent(id)}`}>{texts.allEvents}</Link>
          <Link href="/admin/sessions">{administration.sessions}</Link>
        </p>
      </section>
    </Console>
  )
}

/** Where it is used and its times: by the store while it lives, afterwards what its sign-in tells. */
function Facts({ status, signedIn }: { readonly status: SessionStatus | null; readonly signedIn: Kept | null }) {
  const { consoleSessions: texts, session } = useTexts()
  const { device, network } = signedIn?.detail ?? {}
  const info = status?.alive === true ? status.info : null
  const began = info?.authenticatedAt ?? info?.createdAt ?? signedIn?.at ?? null
  const end = status?.alive === false ? status.ended.at : null
  return (
    <>
      <Fact name={session.device}>
        {info?.client.label ?? (typeof device === 'string' ? device : session.unknownDevice)}
      </Fact>
      {info === null ? null : <Fact name={session.address}>{info.client.address ?? '–'}</Fact>}
      <Fact name={texts.network}>{typeof network === 'string' ? network : '–'}</Fact>
      <Fact name={session.signedIn}>{began === null ? '–' : <Time at={began} />}</Fact>
      {info === null ? null : (
        <>
          <Fact name={session.lastActive}>
            <Time at={info.lastSeenAt} />
          </Fact>
          <Fact name={texts.due}>
            <Time at={info.endsAt} />
          </Fact>
        </>
      )}
      {end === null ? null : (
        <Fact name={texts.ended}>
          <Time at={end} />
        </Fact>
      )}
    </>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: unknown }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
