import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions, type SameSite, type SessionEvent } from '../../src/index.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { openWindow } from './browser.ts'
import { openSite, type Site } from './site.ts'

const SHOP = 'https://shop.example'
const BANK = 'https://bank.example'
const HTML = { 'content-type': 'text/html; charset=utf-8' }

interface Data {
  cart: string[]
  paid: string
}

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

/** A bank whose page posts to `/return` of the shop as soon as it is open, and the shop. */
function shopWith(sameSite: SameSite) {
  const keys = 'a-signing-key-of-the-browser-0123456789'
  const runtime = { warn: () => undefined }
  const csrf = { exempt: ['/return', '/careless'] }
  const sessions = createSessions<Data>({ store: memoryStore(), keys, runtime, csrf, cookie: { sameSite } })
  const events: SessionEvent[] = []
  sessions.on((event) => events.push(event))
  const errors: unknown[] = []
  const serve = nodeSessions<Partial<Data>, Data, IncomingMessage, ServerResponse>(
    sessions,
    async (request, response, open) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', SHOP)
      switch (pathname) {
        case '/add':
          ;(await open()).data.cart = ['hat']
          return response.end('Added.')
        case '/return':
          if (sameSite === 'lax') return response.writeHead(303, { location: '/paid?order=7' }).end()
          return response.writeHead(200, HTML).end('<meta http-equiv="refresh" content="0; url=/paid?order=7">')
        case '/careless':
          ;(await open()).data.paid = 'careless'
          return response.end('Paid.')
        case '/paid':
          ;(await open()).data.paid = searchParams.get('order') ?? ''
          return response.end('Paid.')
        default:
          return response.end(JSON.stringify((await open()).data))
      }
    },
    { onError: (error) => errors.push(error) },
  )
  site.answerBy((request, response) => {
    if (request.headers.host !== 'bank.example') return serve(request, response)
    if (request.url === '/link') return response.writeHead(200, HTML).end(`<a href="${SHOP}/paid?order=8">Shop</a>`)
    const form = `<form method="post" action="${SHOP}${request.url}"></form><script>document.forms[0].submit()</script>`
    return response.writeHead(200, HTML).end(`<!doctype html>${form}`)
  })
  const withheld = () => events.flatMap((event) => (event.type === 'cookie-withheld' ? [event.reason] : []))
  return { withheld, errors }
}

async function dataSeenBy(page: Page): Promise<unknown> {
  await page.goto(`${SHOP}/`)
  return JSON.parse((await page.textContent('body')) ?? '')
}

async function aGuest(): Promise<Page> {
  const page = await openWindow(site.browser)
  await page.goto(`${SHOP}/add`)
  return page
}

describe.each(['lax', 'strict'] as const)('SameSite=%s: a page of the bank posts to the shop', (sameSite) => {
  test('and the shop’s own page, to which the answer leads, writes into the guest’s session', async () => {
    const { withheld, errors } = shopWith(sameSite)
    const page = await aGuest()
    await page.goto(`${BANK}/return`, { waitUntil: 'commit' })
    await page.waitForURL(`${SHOP}/paid?order=7`)
    expect(await dataSeenBy(page)).toEqual({ cart: ['hat'], paid: '7' })
    expect([withheld(), errors]).toEqual([[], []])
  })

  test('and what the shop writes at once is refused: the guest’s session goes on', async () => {
    const { withheld, errors } = shopWith(sameSite)
    const page = await aGuest()
    await page.goto(`${BANK}/careless`, { waitUntil: 'commit' })
    await page.waitForURL(`${SHOP}/careless`)
    expect(errors).toMatchObject([{ code: 'ERR_COOKIE_WITHHELD' }])
    expect(withheld()).toEqual(['cross-site'])
    expect(await dataSeenBy(page)).toEqual({ cart: ['hat'] })
  })
})

test('SameSite=strict: a link of another site to a page that notes something leaves the guest’s session alone', async () => {
  const { withheld } = shopWith('strict')
  const page = await aGuest()
  await page.goto(`${BANK}/link`)
  await page.getByRole('link').click()
  await page.waitForURL(`${SHOP}/paid?order=8`)
  expect(withheld()).toEqual(['cross-site'])
  expect(await dataSeenBy(page)).toEqual({ cart: ['hat'] })
})
