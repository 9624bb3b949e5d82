import { CsrfError, SignOutUnconfirmedError } from 'coatcheck'
import { type Context, Hono, type Next } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { secureHeaders } from 'hono/secure-headers'
import { getPath } from 'hono/utils/url'
import { serveApi } from './api/serving.ts'
import { HSTS } from './bare-answers.ts'
import { innerPath, withoutBase } from './base-path.ts'
import { exportEvents, showEvents } from './console/events.tsx'
import { postInvite } from './console/inviting.tsx'
import { showKeys } from './console/keys.tsx'
import { showOverview } from './console/overview.tsx'
import { showPolicy } from './console/policy.tsx'
import { postEndSession, showSession } from './console/session.tsx'
import { postEndAllSessions, postEndSessions, showSessions } from './console/sessions.tsx'
import { postUser, showUser } from './console/user.tsx'
import { showUsers } from './console/users.tsx'
import type { Environment, Services } from './environment.ts'
import { type Log, noticeOutage } from './log.ts'
import { measureAnswers } from './measuring/tracing.ts'
import { ICON, PAGE_SCRIPT, SCRIPT, STYLE } from './pages/assets.ts'
import { postChangePassword, postDelete, showAccount, showChangePassword, showDelete } from './routes/account.tsx'
import { showActivity } from './routes/activity.tsx'
import { showDashboard, showStart } from './routes/dashboard.tsx'
import { postEndAllDevices, postEndDevice, postEndOtherDevices, showDevices } from './routes/devices.tsx'
import { postEmail, postRemoveEmail, postVerify, showEmail, showVerify } from './routes/email.tsx'
import { streamEnding } from './routes/ending-events.ts'
import { answerGate } from './routes/gate.ts'
import { showHealth, showReadiness } from './routes/health.ts'
import { answerMessage } from './routes/messages.tsx'
import { postPreferences, showPreferences } from './routes/preferences.tsx'
import { postReauthenticate, showReauthenticate } from './routes/reauthenticating.tsx'
import { postForgot, postReset, showForgot, showReset } from './routes/resetting-password.tsx'
import { answerOnce } from './routes/sent-twice.ts'
import { postSetUp, showSetUp } from './routes/setting-up.tsx'
import { postSignIn, showSignIn } from './routes/signing-in.tsx'
import { postSignOut, showSignOut } from './routes/signing-out.tsx'
import { postSignUp, showSignUp } from './routes/signing-up.tsx'
import { arrivalOf, commitSessions, withSessions } from './sessions.ts'

const LARGEST_BODY = 64 * 1024

const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    scriptSrc: ["'self'"],
    connectSrc: ["'self'"],
    imgSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
    objectSrc: ["'none'"],
  },
  referrerPolicy: 'same-origin',
  // By each request: over plain http it says nothing.
  strictTransportSecurity: false,
  xFrameOptions: 'DENY',
})

/** The route table. */
export function makeApp(services: Services): Hono<Environment> {
  const { basePath } = services.config
  const app = new Hono<Environment>({ getPath: (request) => withoutBase(getPath(request), basePath) })
  for (const path of ['/verify', '/reset', '/setup', '/signup']) app.use(path, withoutPathAsReferrer)
  app.use(headers)
  app.use(async (c, next) => {
    c.set('services', services)
    const began = performance.now()
    await next()
    // A connection that is used again while the server stops would be closed under its next request.
    if (services.lifecycle.isStopping) c.header('Connection', 'close')
    if (arrivalOf(c).origin.startsWith('https:')) c.header('Strict-Transport-Security', HSTS)
    const took = Math.round(performance.now() - began)
    const session = c.get('session')?.id ?? null
    // As it was sent: decoded, it could hold what a terminal obeys (ASVS 16.4.1).
    const path = innerPath(c)
    services.log.request({ method: c.req.method, path, status: c.res.status, took, session })
  })
  app.use(measureAnswers)
  app.use(bodyLimit({ maxSize: LARGEST_BODY, onError: (c) => answerMessage(c, 'tooLarge') }))
  app.get('/healthz', showHealth)
  app.get('/readyz', showReadiness)
  app.get('/assets/style.css', (c) => asset(c, STYLE, 'text/css; charset=utf-8'))
  app.get('/assets/session.js', (c) => asset(c, SCRIPT, 'text/javascript; charset=utf-8'))
  app.get('/assets/page.js', (c) => asset(c, PAGE_SCRIPT, 'text/javascript; charset=utf-8'))
  app.get('/assets/icon.svg', (c) => asset(c, ICON, 'image/svg+xml; charset=utf-8'))
  app.get('/account/events', streamEnding)
  app.use(withSessions(services.sessions))
  app.use(answerOnce())
  app.use(commitSessions)
  app.get('/gate', answerGate)
  app.get('/', showStart)
  app.get('/signup', showSignUp).post(postSignUp)
  app.get('/login', showSignIn).post(postSignIn)
  app.get('/logout', showSignOut).post(postSignOut)
  app.get('/dashboard', showDashboard)
  app.get('/account/sessions', showDevices)
  app.get('/setup', showSetUp).post(postSetUp)
  app.get('/reauth', showReauthenticate).post(postReauthenticate)
  app.get('/account/preferences', showPreferences).post(postPreferences)
  app.post('/account/sessions/end-others', postEndOtherDevices)
  app.post('/account/sessions/end-all', postEndAllDevices)
  app.post('/account/sessions/:id/end', postEndDevice)
  app.get('/account', showAccount)
  app.get('/account/activity', showActivity)
  app.get('/account/email', showEmail).post(postEmail)
  app.post('/account/email/remove', postRemoveEmail)
  app.get('/account/password', showChangePassword).post(postChangePassword)
  app.get('/account/delete', showDelete).post(postDelete)
  app.get('/verify', showVerify).post(postVerify)
  app.get('/forgot', showForgot).post(postForgot)
  app.get('/reset', showReset).post(postReset)
  app.get('/admin', showOverview)
  app.get('/admin/users', showUsers)
  app.post('/admin/invite', postInvite)
  app.get('/admin/users/:id', showUser)
  app.post('/admin/users/:id/:act', postUser)
  app.get('/admin/sessions', showSessions)
  app.post('/admin/sessions/end', postEndSessions)
  app.post('/admin/sessions/end-all', postEndAllSessions)
  app.get('/admin/sessions/:id', showSession)
  app.post('/admin/sessions/:id/end', postEndSession)
  app.get('/admin/policy', showPolicy)
  app.get('/admin/keys', showKeys)
  app.get('/admin/events', showEvents)
  for (const path of ['/admin/events.csv', '/admin/events.ndjson']) app.get(path, exportEvents)
  refuseOtherMethods(app)
  serveApi(app)
  app.notFound(answerNotFound)
  app.onError((error, c) => answerError(error, c, services.log))
  return app
}

/** The address holds a code, which is for nobody else: not for the log of a proxy either, where referrers stand. */
async function withoutPathAsReferrer(c: Context<Environment>, next: Next) {
  await next()
  c.header('Referrer-Policy', 'strict-origin')
}

/** Of each path in the table so far: a method that it has not is 405. Those with a star are what stands before all of them. */
function refuseOtherMethods(app: Hono<Environment>): void {
  const rows = app.routes.filter(({ path }) => !path.includes('*'))
  const own = Map.groupBy(
    rows.filter(({ method }) => method !== 'ALL'),
    ({ path }) => path,
  )
  for (const [path, of] of own) {
    // Hono answers HEAD by what GET does.
    const methods = of.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    app.all(path, async (c) => {
      await c.get('openSession')?.()
      c.header('Allow', methods.join(', '))
      return await answerMessage(c, 'wrongMethod', 'wrong-method')
    })
  }
}

function asset(c: Context<Environment>, body: string, type: string) {
  return c.body(body, 200, { 'Content-Type': type, 'Cache-Control': 'public, max-age=3600' })
}

/** In the visitor's language and theme, so it looks at the session; where that fails, it is an outage like any other. */
async function answerNotFound(c: Context<Environment>) {
  await c.get('openSession')?.()
  return await answerMessage(c, 'notFound')
}

/** The last resort: says what the visitor can do, and keeps what went wrong for the log (ASVS 16.5.1). */
async function answerError(error: Error, c: Context<Environment>, log: Log) {
  // The client broke off while its form was read: nobody is there to be answered, and nothing is wrong.
  if ('code' in error && error.code === 'ECONNRESET') return c.body(null, 400)
  if (error instanceof HTTPException) return error.getResponse()
  if (error instanceof CsrfError) {
    c.header('Vary', 'Sec-Fetch-Site, Origin')
    return await answerMessage(c, 'foreign', error.reason)
  }
  if (noticeOutage(log, error)) {
    c.header('Retry-After', '5')
    return await answerMessage(c, error instanceof SignOutUnconfirmedError ? 'signOutUnconfirmed' : 'unavailable')
  }
  log.fault(c.req.method, innerPath(c), error)
  return await answerMessage(c, 'failed')
}
