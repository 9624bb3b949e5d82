// A shop on Hono: sign up, sign in, fill the cart, see your devices, sign out.
// npm run example -- hono
import { randomBytes, randomUUID, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { serve } from '@hono/node-server'
import { createSessions, returnPath, type Session } from 'coatcheck'
import { honoGuard, honoSecurityHeaders, honoSessions, type SessionVariables } from 'coatcheck/adapters/hono'
import { memoryStore } from 'coatcheck/stores/memory'
import { Hono, type HonoRequest } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { html } from 'hono/html'

interface Data {
  name: string
  hats: number
}

// Sessions, accounts and the key end with this process, so there is nothing to set up.
const sessions = createSessions<Data>({
  store: memoryStore(),
  keys: randomBytes(32).toString('base64url'),
  data: { initial: () => ({ name: '', hats: 0 }) },
})
sessions.startSweeping()

interface Account {
  id: string
  salt: Buffer
  hash: Buffer
}

const accounts = new Map<string, Account>()
/** In the place of an unknown name, which then takes as long as a wrong password. No password has such a hash. */
const nobody: Account = { id: 'nobody', salt: randomBytes(16), hash: randomBytes(32) }

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)
const hashOf = (password: string, salt: Buffer) => derive(password, salt, 32, { p: 5 })

async function signUp(name: string, password: string): Promise<string | null> {
  if (name === '' || name.length > 50) return 'A name has 1 to 50 characters.'
  if (password.length < 15 || password.length > 200) return 'A password has 15 to 200 characters.'
  const salt = randomBytes(16)
  const hash = await hashOf(password, salt)
  if (accounts.has(name)) return 'This name is taken.'
  accounts.set(name, { id: randomUUID(), salt, hash })
  return null
}

async function signIn(session: Session<Data>, name: string, password: string): Promise<boolean> {
  const attempt = await sessions.begin((accounts.get(name) ?? nobody).id) // what is changed or ended from here on wins
  const { salt, hash } = accounts.get(name) ?? nobody // so the password is read after it
  if (!timingSafeEqual(await hashOf(password, salt), hash)) return false
  await session.signIn(attempt, { data: { name }, keep: ['hats'], assurance: { level: 1, methods: ['pwd'] } })
  return true
}

type Html = ReturnType<typeof html>
const page = (title: string, body: Html) =>
  html`<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${body}</html>`
const button = (action: string, label: string) =>
  html`<form method="post" action="${action}"><button>${label}</button></form>`

/** A form without an action goes to the address at which it stands, `?next=…` included. */
const accountForm = (title: string, note = '', name = '') =>
  page(
    title,
    html`<p role="alert">${note}</p><form method="post">
      <p><label>Name <input name="name" value="${name}" autocomplete="username" required maxlength="50"></label>
      <p><label>Password <input name="password" type="password" required minlength="15" maxlength="200"
        autocomplete="${title === 'Sign up' ? 'new-password' : 'current-password'}"></label>
      <p><button>${title}</button></form><p><a href="/signup">Sign up</a> · <a href="/login">Sign in</a>`,
  )

function homePage({ data, signedIn }: Session<Data>): Html {
  const links = signedIn
    ? html`<p><a href="/account">Your devices</a>${button('/logout', 'Sign out')}`
    : html`<p><a href="/signup">Sign up</a> · <a href="/login">Sign in</a>`
  const cart = html`<p>Hats in your cart: ${data.hats}</p>${button('/cart', 'Add a hat')}${links}`
  return page(signedIn ? `Welcome, ${data.name}!` : 'The hat shop', cart)
}

async function accountPage({ id, userId }: Session<Data>): Promise<Html> {
  const devices = await sessions.list(userId ?? '')
  const items = devices.map((one) => html`<li>${one.id === id ? 'This one' : (one.client.userAgent ?? 'Unknown')}`)
  return page('Your devices', html`<ul>${items}</ul>${button('/logout-others', 'Sign out everywhere else')}`)
}

const app = new Hono<{ Variables: SessionVariables<Data> & { nonce: string } }>()
app.use(honoSecurityHeaders())
app.use(honoSessions(sessions)) // what another site's page has made ends here
app.use(bodyLimit({ maxSize: 10_000 }))
const signedIn = honoGuard<Data>({})

/** What a form has sent; a file is no name. */
async function fieldsOf(request: HonoRequest): Promise<{ name: string; password: string }> {
  const { name, password } = await request.parseBody()
  return {
    name: typeof name === 'string' ? name.trim() : '',
    password: typeof password === 'string' ? password : '',
  }
}

app.get('/', (c) => c.html(homePage(c.get('session'))))
app.post('/cart', async (c) => {
  await c.get('session').update('hats', (hats = 0) => hats + 1) // of two clicks at once, none is lost
  return c.redirect('/', 303)
})

app.get('/signup', (c) => c.html(accountForm('Sign up')))
app.post('/signup', async (c) => {
  const { name, password } = await fieldsOf(c.req)
  const fault = await signUp(name, password)
  if (fault !== null) return c.html(accountForm('Sign up', fault, name), 400)
  await signIn(c.get('session'), name, password)
  return c.redirect('/', 303)
})

app.get('/login', (c) => c.html(accountForm('Sign in')))
app.post('/login', async (c) => {
  const { name, password } = await fieldsOf(c.req)
  if (await signIn(c.get('session'), name, password)) return c.redirect(returnPath(c.req.query('next')), 303)
  return c.html(accountForm('Sign in', 'Name or password is wrong.', name), 401)
})

app.get('/account', signedIn, async (c) => c.html(await accountPage(c.get('session'))))
app.post('/logout-others', signedIn, async (c) => {
  const { id, userId } = c.get('session')
  await sessions.revokeUser(userId ?? '', { except: id })
  return c.redirect('/account', 303)
})
app.post('/logout', async (c) => {
  await c.get('session').signOut() // final: a copy of the cookie is worth nothing from here on
  return c.redirect('/', 303)
})

serve({ fetch: app.fetch, port: Number(process.env['PORT'] ?? 3000), hostname: '127.0.0.1' }, ({ port }) =>
  console.log(`http://127.0.0.1:${port}/`),
)
