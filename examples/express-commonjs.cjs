// A shop on Express 4 as a CommonJS application: sign up, sign in, fill the cart, see your devices, sign out.
// npm run example -- express-commonjs
const { randomBytes, randomUUID, scrypt, timingSafeEqual } = require('node:crypto')
const { promisify } = require('node:util')
const { createSessions, returnPath } = require('coatcheck')
const { expressSecurityHeaders, expressSessions } = require('coatcheck/adapters/express')
const { memoryStore } = require('coatcheck/stores/memory')
const express = require('express4') // Express 4 by the name that it has in this repository; in yours: require('express')

/** @typedef {{ name: string, hats: number }} Data */
/** @typedef {import('coatcheck').Session<Data>} Session */

// Sessions, accounts and the key end with this process, so there is nothing to set up.
const sessions = createSessions({
  store: memoryStore(),
  keys: randomBytes(32).toString('base64url'),
  data: { initial: () => /** @type {Data} */ ({ name: '', hats: 0 }) },
})
sessions.startSweeping()

/** @type {Map<string, { id: string, salt: Buffer, hash: Buffer }>} */
const accounts = new Map()
/** In the place of an unknown name, which then takes as long as a wrong password. No password has such a hash. */
const nobody = { id: 'nobody', salt: randomBytes(16), hash: randomBytes(32) }

/** @type {(password: string, salt: Buffer, length: number, options: import('node:crypto').ScryptOptions) => Promise<Buffer>} */
const derive = promisify(scrypt)
/** @param {string} password @param {Buffer} salt */
const hashOf = (password, salt) => derive(password, salt, 32, { p: 5 })

/** @param {string} name @param {string} password @returns {Promise<string | null>} what is wrong */
async function signUp(name, password) {
  if (name === '' || name.length > 50) return 'A name has 1 to 50 characters.'
  if (password.length < 15 || password.length > 200) return 'A password has 15 to 200 characters.'
  const salt = randomBytes(16)
  const hash = await hashOf(password, salt)
  if (accounts.has(name)) return 'This name is taken.'
  accounts.set(name, { id: randomUUID(), salt, hash })
  return null
}

/** @param {Session} session @param {string} name @param {string} password @returns {Promise<boolean>} */
async function signIn(session, name, password) {
  const attempt = await sessions.begin((accounts.get(name) ?? nobody).id) // what is changed or ended from here on wins
  const { salt, hash } = accounts.get(name) ?? nobody // so the password is read after it
  if (!timingSafeEqual(await hashOf(password, salt), hash)) return false
  await session.signIn(attempt, { data: { name }, keep: ['hats'], assurance: { level: 1, methods: ['pwd'] } })
  return true
}

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
/** @param {string} title @param {string} body */
const page = (title, body) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${body}</html>`
/** @param {string} action @param {string} label */
const button = (action, label) => `<form method="post" action="${action}"><button>${label}</button></form>`

/** A form without an action goes to the address at which it stands, `?next=…` included. @param {string} title */
const accountForm = (title, note = '', name = '') =>
  page(
    title,
    `<p role="alert">${note}</p><form method="post">
      <p><label>Name <input name="name" value="${escaped(name)}" autocomplete="username" required maxlength="50"></label>
      <p><label>Password <input name="password" type="password" required minlength="15" maxlength="200"
        autocomplete="${title === 'Sign up' ? 'new-password' : 'current-password'}"></label>
      <p><button>${title}</button></form><p><a href="/signup">Sign up</a> · <a href="/login">Sign in</a>`,
  )

/** @param {Session} session */
function homePage({ data, signedIn }) {
  const title = signedIn ? `Welcome, ${escaped(data.name)}!` : 'The hat shop'
  const links = signedIn
    ? `<p><a href="/account">Your devices</a>${button('/logout', 'Sign out')}`
    : '<p><a href="/signup">Sign up</a> · <a href="/login">Sign in</a>'
  return page(title, `<p>Hats in your cart: ${data.hats}</p>${button('/cart', 'Add a hat')}${links}`)
}

/** @param {Session} session */
async function accountPage({ id, userId }) {
  const devices = await sessions.list(userId ?? '')
  const items = devices.map((one) => `<li>${one.id === id ? 'This one' : escaped(one.client.userAgent ?? 'Unknown')}`)
  return page('Your devices', `<ul>${items.join('')}</ul>${button('/logout-others', 'Sign out everywhere else')}`)
}

const web = expressSessions(sessions)
const signedIn = web.guard({})

const app = express()
app.use(expressSecurityHeaders())
app.use(web) // what another site's page has made ends here
app.use(express.urlencoded({ extended: false }))

/**
 * A route with its session. Express 4 does not wait for handlers: what an asynchronous one throws has to be passed on.
 * @param {(session: Session, request: Request, response: Response) => unknown} handle
 * @returns {(request: Request, response: Response, next: (error: unknown) => void) => void}
 * @typedef {import('express').Request} Request
 * @typedef {import('express').Response} Response
 */
function route(handle) {
  return (request, response, next) => {
    Promise.resolve(handle(web.of(request), request, response)).catch(next)
  }
}

/** What a form has sent, whatever that is. @param {Request} request @returns {{ name: string, password: string }} */
function fieldsOf({ body }) {
  const { name, password } = Object(body)
  return { name: String(name ?? '').trim(), password: String(password ?? '') }
}

app.get(
  '/',
  route((session, _request, response) => response.send(homePage(session))),
)
app.post(
  '/cart',
  route(async (session, _request, response) => {
    await session.update('hats', (hats = 0) => hats + 1) // of two clicks at once, none is lost
    response.redirect(303, '/')
  }),
)

app.get(
  '/signup',
  route((_session, _request, response) => response.send(accountForm('Sign up'))),
)
app.post(
  '/signup',
  route(async (session, request, response) => {
    const { name, password } = fieldsOf(request)
    const fault = await signUp(name, password)
    if (fault === null && (await signIn(session, name, password))) response.redirect(303, '/')
    else response.status(400).send(accountForm('Sign up', fault ?? '', name))
  }),
)

app.get(
  '/login',
  route((_session, _request, response) => response.send(accountForm('Sign in'))),
)
app.post(
  '/login',
  route(async (session, request, response) => {
    const { name, password } = fieldsOf(request)
    if (await signIn(session, name, password)) response.redirect(303, returnPath(request.query['next']))
    else response.status(401).send(accountForm('Sign in', 'Name or password is wrong.', name))
  }),
)

app.get(
  '/account',
  signedIn,
  route(async (session, _request, response) => response.send(await accountPage(session))),
)
app.post(
  '/logout-others',
  signedIn,
  route(async (session, _request, response) => {
    await sessions.revokeUser(session.userId ?? '', { except: session.id })
    response.redirect(303, '/account')
  }),
)
app.post(
  '/logout',
  route(async (session, _request, response) => {
    await session.signOut() // final: a copy of the cookie is worth nothing from here on
    response.redirect(303, '/')
  }),
)

const server = app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') console.log(`http://127.0.0.1:${address.port}/`)
})
