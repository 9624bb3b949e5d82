import type { Context } from 'hono'
import { wasRefused } from '../actions/refusals.ts'
import { invite } from '../actions/signing-up.ts'
import { addressOf } from '../base-path.ts'
import type { Environment } from '../environment.ts'
import { readFields } from '../forms.ts'
import { useTexts } from '../pages/frame.tsx'
import { Link } from '../pages/links.tsx'
import { renderPage } from '../pages/render.tsx'
import { noticeOf } from '../routes/refusing.ts'
import { arrivalOf } from '../sessions.ts'
import { Console } from './frame.tsx'
import { administrator } from './guard.ts'

/** Makes an invitation with a role. Its code is on the page that answers, and nowhere else. */
export async function postInvite(c: Context<Environment>) {
  const session = await administrator(c)
  if (session instanceof Response) return session
  const { role } = await readFields(c, ['role'])
  const outcome = await invite(c.get('services'), role, session.userId ?? '')
  if (wasRefused(outcome)) {
    const { notice, status } = noticeOf(c, outcome)
    return await renderPage(c, <Refused notice={notice} />, status)
  }
  const link = `${addressOf(arrivalOf(c).origin, c.get('services').config)}/signup?${new URLSearchParams({ invitation: outcome.code })}`
  return await renderPage(c, <InvitationPage link={link} role={role} />)
}

function Refused({ notice }: { readonly notice: ReturnType<typeof noticeOf>['notice'] }) {
  const { administration: texts } = useTexts()
  return (
    <Console title={texts.invitation} notice={notice}>
      <p class="row">
        <Link href="/admin/users">{texts.users}</Link>
      </p>
    </Console>
  )
}

function InvitationPage({ link, role }: { readonly link: string; readonly role: string }) {
  const { administration: texts } = useTexts()
  return (
    <Console title={texts.invitation}>
      <section class="card">
        <p class="lead">{texts.invitationHint(role)}</p>
        <code class="command" id="invitation">
          {link}
        </code>
        <p class="row">
          <button type="button" data-copies="invitation" data-done={texts.copied} aria-live="polite" hidden>
            {texts.copy}
          </button>
          <Link class="button quiet" href="/admin/users">
            {texts.users}
          </Link>
        </p>
      </section>
    </Console>
  )
}
