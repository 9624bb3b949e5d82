import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { dataFolder, PASSWORD, runningServer } from '../running.ts'
import { send } from '../sending.ts'

const form = `username=alice&password=${encodeURIComponent(PASSWORD)}`

describe('reached in the clear over a network', () => {
  it('says why signing in cannot work and what to set, instead of asking for a password', async () => {
    const { port } = await runningServer()
    for (const forwarded of [{}, { 'x-forwarded-proto': 'https' }, { forwarded: 'proto=https' }]) {
      const headers = { host: 'coats.example:8080', ...forwarded }
      const answers = ['/login', '/signup', '/setup'].flatMap((path) => [
        send(port, path, headers),
        send(port, path, headers, form),
      ])
      for (const answer of await Promise.all(answers)) {
        expect(answer.status).toBe(403)
        expect(answer.body).toContain('COATCHECK_ORIGIN=https://coats.example.')
        expect(answer.body).not.toContain('type="password"')
        expect(answer.cookies).toEqual([])
      }
    }
  })
})

describe('behind a proxy that ends TLS, with COATCHECK_ORIGIN', () => {
  it('signs in with a __Host- cookie, and takes forms from its own pages alone', async () => {
    const origin = 'https://coats.example'
    const { port, url } = await runningServer(dataFolder(), { origin })
    expect(url).toBe('https://coats.example/')
    const headers = { host: 'internal:8080', origin }
    expect((await send(port, '/signup', headers, form)).location).toMatch(/^\/login\?welcome&username=\w+$/)
    const { location, cookies } = await send(port, '/login', headers, form)
    expect(location).toBe('/dashboard')
    const own = cookies.find((line) => line.startsWith('__Host-sid=')) ?? ''
    expect(own).toMatch(/^__Host-sid=cc1[^;]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/)
    const cookie = own.split(';', 1)[0] ?? ''
    expect((await send(port, '/dashboard', { host: 'internal:8080', cookie })).body).toContain('Welcome, alice!')
    const foreign = await send(port, '/logout', { host: 'internal:8080', origin: 'http://internal:8080', cookie }, '')
    expect(foreign.status).toBe(403)
  })
})

describe('a form that a page of another origin sends', () => {
  const partner = 'https://shop.example'
  const foreign = (origin: string) => [{ origin }, { origin, 'sec-fetch-site': 'cross-site' }]

  it('is refused unless COATCHECK_TRUSTED_ORIGINS has the origin: none by default', async () => {
    const { trustedOrigins } = readConfig({ COATCHECK_TRUSTED_ORIGINS: `${partner}, http://localhost:5173` })
    for (const [trusted, origin, status] of [
      [readConfig({}).trustedOrigins, partner, 403],
      [trustedOrigins, partner, 303],
      [trustedOrigins, 'http://localhost:5173', 303],
      [trustedOrigins, 'https://other.example', 403],
      [trustedOrigins, 'http://shop.example', 403],
      [trustedOrigins, 'https://shop.example:8443', 403],
      [trustedOrigins, 'https://evil.shop.example', 403],
      [trustedOrigins, 'null', 403],
    ] as const) {
      const { port } = await runningServer(dataFolder(), { trustedOrigins: trusted })
      const host = `localhost:${port}`
      expect((await send(port, '/signup', { host }, form)).status).toBe(303)
      for (const headers of foreign(origin)) {
        const answer = await send(port, '/login', { host, ...headers }, form)
        expect([origin, headers, answer.status]).toEqual([origin, headers, status])
        expect(answer.cookies.some((line) => line.startsWith('sid='))).toBe(status === 303)
      }
    }
  })
})
