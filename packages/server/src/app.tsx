import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import type { Environment, Services } from './environment.ts'
import { type Log, noticeOutage } from './log.ts'
import { onlyFromOwnPages } from './own-pages.tsx'
import { ICON, STYLE } from './pages/assets.ts'
import { MessagePage } from './pages/message.tsx'
import { renderPage } from './pages/render.tsx'
import { showDashboard, showStart } from './routes/dashboard.tsx'
import { endDevice, endOtherDevices, showDevices } from './routes/devices.tsx'
import { showHealth } from './routes/health.ts'
import { showSignIn, signIn } from './routes/signing-in.tsx'
import { showSignOut, signOut } from './routes/signing-out.tsx'
import { showSignUp, signUp } from './routes/signing-up.tsx'
import { withSessions } from './sessions.ts'

const LARGEST_BODY = 64 * 1024

const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
    objectSrc: ["'none'"],
  },
  referrerPolicy: 'same-origin',
  // Over plain http it says nothing, and a proxy that ends TLS has its own.
  strictTransportSecurity: false,
  xFrameOptions: 'DENY',
})

/** The route table. */
export function makeApp(services: Services): Hono<Environment> {
  const app = new Hono<Environment>()
  app.use(headers)
  app.use(
    bodyLimit({
      maxSize: LARGEST_BODY,
      onError: (c) => message(c, 413, 'Too large', 'That was more than a form holds.'),
    }),
  )
  app.use(async (c, next) => {
    c.set('services', services)
    await next()
  })
  app.get('/healthz', showHealth)
  app.get('/assets/style.css', (c) => asset(c, STYLE, 'text/css; charset=utf-8'))
  app.get('/assets/icon.svg', (c) => asset(c, ICON, 'image/svg+xml'))
  app.use(onlyFromOwnPages)
  app.use(withSessions(services.sessions))
  app.get('/', showStart)
  app.get('/signup', showSignUp).post(signUp)
  app.get('/login', showSignIn).post(signIn)
  app.get('/logout', showSignOut).post(signOut)
  app.get('/dashboard', showDashboard)
  app.get('/account/sessions', showDevices)
  app.post('/account/sessions/end-others', endOtherDevices)
  app.post('/account/sessions/:id/end', endDevice)
  app.notFound((c) => message(c, 404, 'Nothing here', 'There is no page at this address.'))
  app.onError((error, c) => answerError(error, c, services.log))
  return app
}

function asset(c: Context, body: string, type: string) {
  return c.body(body, 200, { 'Content-Type': type, 'Cache-Control': 'public, max-age=3600' })
}

function message(c: Context, status: 404 | 413 | 500 | 503, title: string, text: string) {
  return renderPage(c, <MessagePage title={title} text={text} />, status)
}

/** The last resort: says what the visitor can do, and keeps what went wrong for the log (ASVS 16.5.1). */
async function answerError(error: Error, c: Context, log: Log) {
  // The client broke off while its form was read: nobody is there to be answered, and nothing is wrong.
  if ('code' in error && error.code === 'ECONNRESET') return c.body(null, 400)
  if (noticeOutage(log, error)) {
    c.header('Retry-After', '5')
    c.header('Cache-Control', 'no-store')
    return await message(c, 503, 'One moment, please', 'We cannot answer just now. Please try again in a few seconds.')
  }
  log.fault(c.req.method, new URL(c.req.url).pathname, error)
  return await message(
    c,
    500,
    'Something went wrong',
    'It is not your fault. Please try again; it has been written down.',
  )
}
