import { get } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { Client, runningServer } from '../running.ts'

const click = {
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-user': '?1',
}

async function signedIn() {
  const { url } = await runningServer()
  const client = new Client(url)
  await client.signUp('alice')
  await client.signIn('alice')
  return { url, client }
}

/** What `fetch` cannot send, since it has a Fetch Metadata of its own: the status, the text and where it leads. */
async function visit(url: string, client: Client, headers: Readonly<Record<string, string>>): Promise<string> {
  const cookie = [...client.cookies].map((pair) => pair.join('=')).join('; ')
  return await new Promise((resolve, reject) => {
    get(`${url}logout`, { headers: { ...headers, cookie } }, async (answer) => {
      const location = answer.headers.location === undefined ? '' : ` → ${answer.headers.location}`
      resolve(`${answer.statusCode}${location} ${await text(answer)}`)
    }).once('error', reject)
  })
}

describe('GET /logout', () => {
  it('signs out where Fetch Metadata proves a click on our own page', async () => {
    const { url, client } = await signedIn()
    expect(await visit(url, client, click)).toMatch(/^303 → \/login\?goodbye/)
    expect(await client.seen(client.get('/dashboard'))).toBe('303 → /login')
  })

  it.each([
    [{}],
    ...Object.keys(click).map((name) => [Object.fromEntries(Object.entries(click).filter(([key]) => key !== name))]),
    [{ ...click, 'sec-fetch-site': 'cross-site' }],
    [{ ...click, 'sec-fetch-site': 'none' }],
    [{ ...click, 'sec-fetch-dest': 'image' }],
    [{ ...click, 'sec-fetch-dest': 'iframe' }],
    [{ ...click, 'sec-fetch-mode': 'no-cors' }],
    [{ ...click, 'sec-purpose': 'prefetch' }],
    [{ ...click, 'sec-purpose': 'prefetch;prerender' }],
    [{ ...click, purpose: 'prefetch' }],
  ])('only asks otherwise: %j', async (headers) => {
    const { url, client } = await signedIn()
    expect(await visit(url, client, headers)).toMatch(/^200 .*Sign out\?.*You are signed in as alice/s)
    expect(await client.seen(client.get('/dashboard'))).toContain('Welcome, alice!')
  })
})
