import { describe, expect, it } from 'vitest'
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
