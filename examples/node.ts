// A shop on node:http alone: sign up, sign in, fill the cart, see your devices, sign out.
// npm run example -- node
import { randomBytes, randomUUID, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { createSessions, returnPath, type Session } from 'coatcheck'
import { guardNode, nodeSecurityHeaders, nodeSessions } from 'coatcheck/adapters/node'
import { memoryStore } from 'coatcheck/stores/memory'

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

const escaped = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
const page = (title: string, body: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${body}</html>`
const button = (action: string, label: string) =>
  `<form method="post" action="${action}"><button>${label}</button></form>`

/** A form without an action goes to the address at which it stands, `?next=…` included. */
const accountForm = (title: string, note = '', name = '') =>
  page(
    title,
    `<p role="alert">${note}</p><form method="post">
      <p><label>Name <input name="name" value="${escaped(name)}" autocomplete="username" required maxlength="50"></label>
      <p><label>Password <input name="password" type="password" required minlength="15" maxlength="200"
        autocomplete="${title === 'Sign up' ? 'new-password' : 'current-password'}"></label>
      <p><button>${title}</button></form><p><a href="/signup">Sign up</a> · <a href="/login">Sign in</a>`,
  )

function homePage({ data, signedIn }: Session<Data>): string {
  const title = signedIn ? `Welcome, ${escaped(data.name)}!` : 'The hat shop'
  const links = signedIn
    ? `<p><a href="/account">Your devices</a>${button('/logout', 'Sign out')}`
    : '<p><a href="/signup">Sign up</a> · <a href="/login">Sign in</a>'
  return page(title, `<p>Hats in your cart: ${data.hats}</p>${button('/cart', 'Add a hat')}${links}`)
}

async function accountPage({ id, userId }: Session<Data>): Promise<string> {
  const devices = await sessions.list(userId ?? '')
  const items = devices.map((one) => `<li>${one.id === id ? 'This one' : escaped(one.client.userAgent ?? 'Unknown')}`)
  return page('Your devices', `<ul>${items.join('')}</ul>${button('/logout-others', 'Sign out everywhere else')}`)
}

const show = (response: ServerResponse, text: string, status = 200) =>
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(text)
const goTo = (response: ServerResponse, location: string) => response.writeHead(303, { location }).end()

/** What a form has sent. More than a name and a password need is read, so that it can be answered, and not kept. */
async function fieldsOf(request: IncomingMessage): Promise<{ name: string; password: string }> {
  let text = ''
  request.setEncoding('latin1') // a form's fields are percent-encoded
  for await (const chunk of request) {
    if (text.length < 10_000) text += chunk
  }
  const fields = new URLSearchParams(text)
  return { name: (fields.get('name') ?? '').trim(), password: fields.get('password') ?? '' }
}

const setSecurityHeaders = nodeSecurityHeaders()

const listener = nodeSessions(sessions, async (request: IncomingMessage, response: ServerResponse, open) => {
  setSecurityHeaders(request, response)
  const { pathname, searchParams } = new URL(`http://localhost${request.url}`)
  const session = await open()

  switch (`${request.method} ${pathname}`) {
    case 'GET /':
      return show(response, homePage(session))
    case 'POST /cart':
      await session.update('hats', (hats = 0) => hats + 1) // of two clicks at once, none is lost
      return goTo(response, '/')

    case 'GET /signup':
      return show(response, accountForm('Sign up'))
    case 'POST /signup': {
      const { name, password } = await fieldsOf(request)
      const fault = await signUp(name, password)
      if (fault !== null) return show(response, accountForm('Sign up', fault, name), 400)
      await signIn(session, name, password)
      return goTo(response, '/')
    }

    case 'GET /login':
      return show(response, accountForm('Sign in'))
    case 'POST /login': {
      const { name, password } = await fieldsOf(request)
      if (await signIn(session, name, password)) return goTo(response, returnPath(searchParams.get('next')))
      return show(response, accountForm('Sign in', 'Name or password is wrong.', name), 401)
    }

    case 'GET /account':
      return (await guardNode(session, request, response, {})) && show(response, await accountPage(session))
    case 'POST /logout-others':
      if (!(await guardNode(session, request, response, {}))) return
      await sessions.revokeUser(session.userId ?? '', { except: session.id })
      return goTo(response, '/account')
    case 'POST /logout':
      await session.signOut() // final: a copy of the cookie is worth nothing from here on
      return goTo(response, '/')

    default:
      return show(response, page('Not found', ''), 404)
  }
})

const server = createServer(listener).listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') console.log(`http://127.0.0.1:${address.port}/`)
})
