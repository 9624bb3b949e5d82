import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { requestLike } from '../../src/adapters/node.ts'
import { createSessions, type SessionEvent, type SessionsOptions } from '../../src/index.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import type { AdapterData, AdapterRoutes } from '../../src/testing/index.ts'
import { adapters } from '../contract/adapters/servers.ts'
import { launchBrowser, openWindow } from './browser.ts'

const HTML = { 'content-type': 'text/html; charset=utf-8' }
const SAFE = ['GET', 'HEAD', 'OPTIONS']

/** An application on a port of its own: what it was asked to change, and what it refused. */
async function anApplication(adapter = 'node', options: Partial<SessionsOptions<AdapterData>> = {}) {
  const keys = 'a-signing-key-of-the-browser-0123456789'
  const sessions = createSessions<AdapterData>({ store: memoryStore(), keys, ...options })
  const events: SessionEvent[] = []
  sessions.on((event) => events.push(event))
  const changes: string[] = []
  const routes: AdapterRoutes = {
    '/sign-in': async (session) => {
      await (await session()).signIn(await sessions.begin('ada'))
      return { headers: HTML, body: 'Signed in.' }
    },
    '/': async () => ({ headers: HTML, body: '<!doctype html><title>Own</title>' }),
    '/n': async (session) => ({ body: String((await session()).data.n ?? 0) }),
    '/change': async (session, { method }) => {
      if (SAFE.includes(method)) return { headers: HTML, body: 'Nothing changed.' }
      const { data, userId } = await session()
      changes.push(`${method} for ${userId}`)
      data.n = (data.n ?? 0) + 1
      return { headers: HTML, body: 'Changed.' }
    },
    '/form': async (session, { method, form }) => {
      const one = await session()
      const shown = async (typed: string, note: string) => ({
        headers: HTML,
        body: `<!doctype html><p>${note}</p><form method="post"><input type="hidden" name="_csrf" value="${await one.csrfToken()}">
          <input name="n" value="${typed}"><button>Send</button></form>`,
      })
      if (SAFE.includes(method)) return await shown('', 'A form.')
      const fields = await form()
      const { reason } = await one.checkCsrf(fields.get('_csrf'))
      if (reason !== null) return await shown(String(Number(fields.get('n'))), reason)
      one.data.n = Number(fields.get('n'))
      return { headers: HTML, body: `Changed to ${one.data.n}.` }
    },
  }
  const { serve } = adapters[adapter]!
  const { port, close } = await serve(sessions, routes)
  onTestFinished(close)
  const url = `http://localhost:${port}`
  const refusals = () => events.flatMap((event) => (event.type === 'csrf-blocked' ? [event] : []))
  return { sessions, url, changes, refusals }
}

/** Somebody else's pages: empty ones, and redirects to wherever they are told. */
async function otherPages(): Promise<{ readonly port: number }> {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://any')
    if (pathname === '/redirect') {
      response.writeHead(Number(searchParams.get('status')), { location: searchParams.get('to') ?? '/' }).end()
    } else response.writeHead(200, HTML).end('<!doctype html><title>Other</title>')
  })
  return { port: await listening(server) }
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const formTo = (action: string, more = '') =>
  `<form method="post" action="${action}" ${more}><input name="n" value="1"></form>`
const SUBMIT = '<script>document.forms[0].submit()</script>'
/** A page may stand in an attribute. */
const quoted = (html: string) => html.replaceAll('&', '&amp;').replaceAll('"', '&quot;')

/** Sends a form from the page that is open, in its place, and waits for the answer. */
async function sendForm(page: Page, action: string, type = 'application/x-www-form-urlencoded'): Promise<void> {
  const answered = page.waitForResponse((response) => response.url() === action)
  await page.setContent(formTo(action, `enctype="${type}"`) + SUBMIT, { waitUntil: 'commit' })
  await answered
}

/** What a script gets for its request: a status, or that the browser kept the answer from it. */
async function fetchFrom(page: Page, url: string, init: Readonly<Record<string, unknown>>): Promise<string> {
  return await page.evaluate(
    async ([to, how]) =>
      await fetch(to, how).then(
        (response) => (response.type === 'opaque' ? 'opaque' : String(response.status)),
        () => 'kept from the script',
      ),
    [url, init] as const,
  )
}

const SITES = [
  ['another port, which is the same site', 'localhost', 'same-site'],
  ['another host, which is another site', '127.0.0.1', 'cross-site'],
] as const

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** A visitor who is signed in, and has come to somebody else's page. */
async function visitorElsewhere(host: string, app: Awaited<ReturnType<typeof anApplication>>) {
  const { port } = await otherPages()
  const page = await openWindow(browser)
  await page.goto(`${app.url}/sign-in`)
  const other = `http://${host}:${port}`
  await page.goto(other)
  const unharmed = async () => {
    expect(app.changes).toEqual([])
    // By the browser's cookies; a page of it would show no more.
    const answer = await page.context().request.get(`${app.url}/n`)
    expect([answer.status(), await answer.text()]).toEqual([200, '0'])
  }
  return { page, other, unharmed }
}

describe.each(SITES)('from %s', (_, host, site) => {
  test.each(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])(
    'a form (%s) is refused',
    async (type) => {
      const app = await anApplication()
      const { page, other, unharmed } = await visitorElsewhere(host, app)
      await sendForm(page, `${app.url}/change`, type)
      expect(app.refusals()).toMatchObject([{ reason: site, site, origin: other, method: 'POST' }])
      await unharmed()
    },
  )

  test('a form in a frame is refused, in a sandboxed one too', async () => {
    const app = await anApplication()
    const { page, other, unharmed } = await visitorElsewhere(host, app)
    const form = formTo(`${app.url}/change`)
    await page.setContent(`${formTo(`${app.url}/change`, 'target="hidden"')}<iframe name="hidden"></iframe>${SUBMIT}`)
    await expect.poll(() => app.refusals().length).toBe(1)
    await page.setContent(`<iframe sandbox="allow-scripts allow-forms" srcdoc="${quoted(form + SUBMIT)}"></iframe>`)
    await expect.poll(() => app.refusals().length).toBe(2)
    const [framed, sandboxed] = app.refusals()
    expect(framed).toMatchObject({ reason: site, origin: other })
    // The origin of a sandboxed frame is nobody's, and so is its site.
    expect(sandboxed).toMatchObject({ reason: 'cross-site', origin: 'null' })
    await unharmed()
  })

  test.each([
    ['no-cors', { method: 'POST', mode: 'no-cors', body: 'n=1' }, 'opaque'],
    ['cors, without a preflight', { method: 'POST', body: 'n=1' }, 'kept from the script'],
    ['keepalive', { method: 'POST', mode: 'no-cors', keepalive: true, body: 'n=1' }, 'opaque'],
    ['without a body', { method: 'POST', mode: 'no-cors' }, 'opaque'],
  ] as const)('fetch (%s) is refused', async (_name, init, outcome) => {
    const app = await anApplication()
    const { page, other, unharmed } = await visitorElsewhere(host, app)
    expect(await fetchFrom(page, `${app.url}/change`, { ...init, credentials: 'include' })).toBe(outcome)
    expect(app.refusals()).toMatchObject([{ reason: site, site, origin: other }])
    await unharmed()
  })

  test.each([
    ['JSON', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }],
    ['PUT', { method: 'PUT' }],
    ['a header of its own', { method: 'POST', headers: { 'x-requested-with': 'fetch' } }],
  ])('fetch of %s is stopped by the browser, which asks first', async (_name, init) => {
    const app = await anApplication()
    const { page, unharmed } = await visitorElsewhere(host, app)
    const outcome = await fetchFrom(page, `${app.url}/change`, { ...init, credentials: 'include' })
    expect(outcome).toBe('kept from the script')
    await unharmed()
  })

  test('images, frames, scripts and navigations change nothing', async () => {
    const app = await anApplication()
    const { page, unharmed } = await visitorElsewhere(host, app)
    const src = (tag: string) => `src="${app.url}/change?${tag}"`
    await page.setContent(`<img ${src('img')}><iframe ${src('iframe')}></iframe><script ${src('script')}></script>`)
    await page.setContent(`<script>location.assign("${app.url}/change?navigation")</script>`, { waitUntil: 'commit' })
    await page.waitForURL(`${app.url}/change?navigation`)
    expect(await page.textContent('body')).toBe('Nothing changed.')
    expect(app.refusals()).toEqual([])
    await unharmed()
  })

  test('a form that arrives by a redirect is refused, from there and from our own page by way of it', async () => {
    const app = await anApplication()
    const { page, other, unharmed } = await visitorElsewhere(host, app)
    const redirect = `${other}/redirect?status=307&to=${encodeURIComponent(`${app.url}/change`)}`
    const arrived = () => page.waitForURL(`${app.url}/change`)
    await Promise.all([arrived(), sendForm(page, redirect)])
    await page.goto(app.url)
    await Promise.all([arrived(), sendForm(page, redirect)])
    expect(app.refusals()).toMatchObject([
      { reason: site, site },
      { reason: site, site, origin: 'null' },
    ])
    await unharmed()
  })

  test('a script’s request that arrives by redirects is refused', async () => {
    const app = await anApplication()
    const { page, other, unharmed } = await visitorElsewhere(host, app)
    const to = (url: string) => encodeURIComponent(url)
    const once = `${other}/redirect?status=308&to=${to(`${app.url}/change`)}`
    const twice = `${other}/redirect?status=307&to=${to(once)}`
    const init = { method: 'POST', mode: 'no-cors', credentials: 'include', body: 'n=1' } as const
    expect(await fetchFrom(page, twice, init)).toBe('opaque')
    await page.goto(app.url)
    expect(await fetchFrom(page, twice, init)).toBe('opaque')
    expect(app.refusals()).toMatchObject([{ reason: site }, { reason: site }])
    await unharmed()
  })

  test('a WebSocket is refused, while our own page gets one', async () => {
    const app = await anApplication()
    const { page, unharmed } = await visitorElsewhere(host, app)
    const live = await aSocketServer(async (request) => (await app.sessions.csrfFault(requestLike(request))) === null)
    const outcomeAt = async () =>
      await page.evaluate(
        async (port) =>
          await new Promise<string>((resolve) => {
            const socket = new WebSocket(`ws://localhost:${port}/`)
            socket.onopen = () => resolve('open')
            socket.onerror = () => resolve('refused')
          }),
        live.port,
      )
    expect(await outcomeAt()).toBe('refused')
    await page.goto(live.url)
    expect(await outcomeAt()).toBe('open')
    expect(app.refusals()).toHaveLength(1)
    await unharmed()
  })
})

/** Accepts the handshakes that `admits` lets through. */
async function aSocketServer(admits: (request: IncomingMessage) => Promise<boolean>) {
  const server = createServer((_, response) => response.writeHead(200, HTML).end('<!doctype html>'))
  server.on('upgrade', async (request, socket) => {
    if (!(await admits(request))) return socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
    const accept = createHash('sha1').update(key).digest('base64')
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
    return socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'))
  })
  const port = await listening(server)
  return { port, url: `http://localhost:${port}/` }
}

describe.each(Object.keys(adapters))('with the adapter for %s', (adapter) => {
  test('our own form and fetch work, and another site’s do not', async () => {
    const app = await anApplication(adapter)
    const { page, unharmed } = await visitorElsewhere('localhost', app)
    await sendForm(page, `${app.url}/change`)
    expect(await page.textContent('body')).toContain('This request did not come from a page of ours')
    await unharmed()

    await page.goto(app.url)
    await sendForm(page, `${app.url}/change`)
    await page.waitForURL(`${app.url}/change`)
    expect(await page.textContent('body')).toBe('Changed.')
    const headers = { 'content-type': 'application/json' }
    for (const init of [{ body: 'n=1' }, { headers, body: '{}' }, { method: 'DELETE' }]) {
      expect(await fetchFrom(page, `${app.url}/change`, { method: 'POST', ...init })).toBe('200')
    }
    expect(app.changes).toEqual(['POST for ada', 'POST for ada', 'POST for ada', 'DELETE for ada'])
    expect(app.refusals()).toMatchObject([{ reason: 'same-site' }])
  })

  test('a form’s token counts; after a sign-in elsewhere the form is shown again with what was typed', async () => {
    const app = await anApplication(adapter, { csrf: { requireToken: 'forms' } })
    const page = await openWindow(browser)
    const send = async (typed?: string) => {
      if (typed !== undefined) await page.locator('input[name=n]').fill(typed)
      await page.getByRole('button').click()
    }
    await page.goto(`${app.url}/form`)
    await send('5')
    expect(await page.textContent('body')).toBe('Changed to 5.')

    await page.goto(`${app.url}/form`)
    const tab = await page.context().newPage()
    await tab.goto(`${app.url}/sign-in`)
    await send('7')
    expect(await page.textContent('p')).toBe('stale-token')
    expect(await page.locator('input[name=n]').inputValue()).toBe('7')
    await send()
    expect(await page.textContent('body')).toBe('Changed to 7.')
  })
})

test('without the defence the same form from another port would change the session', async () => {
  const app = await anApplication('node', { csrf: 'unprotected' })
  const { page } = await visitorElsewhere('localhost', app)
  await sendForm(page, `${app.url}/change`)
  expect(app.changes).toEqual(['POST for ada'])
})
