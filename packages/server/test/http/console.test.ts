import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { Client, PASSWORD } from '../running.ts'
import { staffed } from './staffed.ts'

const PAGES = [
  '/admin',
  '/admin/users',
  '/admin/sessions',
  '/admin/events',
  '/admin/policy',
  '/admin/keys',
  '/admin/events.csv',
  '/admin/events.ndjson',
]

describe('the console', () => {
  it('is for administrators alone', async () => {
    const { url, desk, id } = await staffed()
    const nobody = new Client(url)
    for (const path of [...PAGES, `/admin/users/${id}`]) {
      expect(await nobody.seen(nobody.get(path)), path).toMatch(/^303 → \/login/)
      expect(await desk.seen(desk.get(path)), path).toMatch(/^403 .*Your role does not open this page/s)
    }
    // Where the form stood; what was typed cannot be sent again by a redirect.
    expect(await nobody.seen(nobody.post('/admin/invite'))).toBe('303 → /login?next=%2Fadmin%2Fusers')
    expect(await desk.seen(desk.post(`/admin/users/${id}/role`, { role: 'admin' }))).toMatch(/^403 /)
    expect(await desk.seen(desk.get('/dashboard'))).not.toContain('/admin')
  })

  it('shows in numbers what there is and what happened', async () => {
    const { admin } = await staffed()
    const page = await admin.seen(admin.get('/admin'))
    expect(page).toMatch(/<strong>3<\/strong> <span class="hint">Sessions signed in/)
    expect(page).toMatch(/<strong>2<\/strong> <span class="hint">Accounts/)
    expect(page).toMatch(
      /type=signed-in">Sign-in <code class="kind whole">signed-in<\/code><\/a><\/div><\/td><td data-label="How often"[^>]*><div>3<\/div>/,
    )
  })

  it('draws what happened in the last hour, day and month, each with its numbers as a table', async () => {
    const { admin, desk, services, id } = await staffed()
    await desk.signIn('alice', 'not the password')
    await services.sessions.revokeUser(id)
    await desk.get('/dashboard')
    for (const [period, steps] of [
      ['hour', 60],
      ['day', 24],
      ['month', 30],
      ['nonsense', 24],
    ] as const) {
      const page = await admin.seen(admin.get(`/admin?period=${period}`))
      const drawn = [...page.matchAll(/role="img" aria-label="([^"]*)"/g)].map(([, label]) => label)
      expect(drawn).toEqual([
        expect.stringMatching(/^Sessions alive\. signed in: at most [13]; anonymous: at most 0$/),
        'Sign-ins. signed in: 3 in all; wrong password: 1 in all',
        'Endings by reason. revoked: 2 in all',
        'Refusals by reason. revoked: 1 in all',
        expect.stringMatching(/^Store latency\. half within: at most [\d.]+ ms; 99 of 100 within: /),
      ])
      const [table = ''] = /<caption>Sign-ins<\/caption>.*?<\/table>/s.exec(page) ?? []
      const heads = [...table.matchAll(/<th scope="col"[^>]*>([^<]+)</g)].map(([, head]) => head)
      expect(heads).toEqual(['From', 'signed in', 'wrong password'])
      const rows = [...table.matchAll(/<tr[^>]*><td[^>]*><div>([^<]+)<\/div><\/td><td[^>]*><div>(\d+|<.*?>)<\/div>/g)]
      // Only the steps in which something was counted: the server has just begun.
      expect(rows.length).toBeGreaterThan(0)
      expect(rows.length).toBeLessThan(steps)
      // The minute may have turned meanwhile.
      expect(rows.slice(-2).reduce((sum, [, , count]) => sum + (Number(count) || 0), 0)).toBe(3)
      expect(page).toContain(`<a href="/admin?period=${period === 'nonsense' ? 'day' : period}" aria-current="page">`)
    }
  })

  it('says in words where there is nothing to draw', async () => {
    const { admin } = await staffed()
    const page = await admin.seen(admin.get('/admin?period=hour'))
    for (const text of ['No session ended.', 'Nothing was refused.']) expect(page).toContain(text)
  })

  it('marks the tab of the page, and no other', async () => {
    const { admin, id } = await staffed()
    for (const [path, tab] of [
      ['/admin', '/admin'],
      ['/admin/users', '/admin/users'],
      [`/admin/users/${id}`, '/admin/users'],
      ['/admin/sessions?state=alive', '/admin/sessions'],
      ['/admin/keys', '/admin/keys'],
    ]) {
      const tabs = /<nav class="tabs".*?<\/nav>/s.exec(await admin.seen(admin.get(path ?? '')))?.[0] ?? ''
      const marked = [...tabs.matchAll(/href="([^"]+)" aria-current="page"/g)].map(([, href]) => href)
      expect(marked, path).toEqual([tab])
    }
  })

  it('finds people by the beginning of a name, a page at a time', async () => {
    const { admin, services } = await staffed()
    for (let i = 0; i < 60; i++) {
      await services.accounts.create({ name: `Person ${String(i).padStart(2, '0')}`, passwordHash: '-', role: 'user' })
    }
    const names = async (query: string) => {
      const page = await admin.seen(admin.get(`/admin/users?${query}`))
      const [next] = /\/admin\/users\?search=[^"]*after=[^"]*/.exec(page) ?? []
      return { names: [...page.matchAll(/users\/[\w-]{22}">([^<]+)</g)].map(([, name]) => name), next }
    }
    const first = await names('search=PERSON')
    expect([first.names.length, first.names[0], first.names.at(-1)]).toEqual([50, 'Person 00', 'Person 49'])
    const rest = await names(first.next?.split('?')[1]?.replaceAll('&amp;', '&') ?? '')
    expect([rest.names.length, rest.names.at(-1), rest.next]).toEqual([10, 'Person 59', undefined])
    expect((await names('search=ali')).names).toEqual(['alice'])
    expect((await names('search=')).names.slice(0, 2)).toEqual(['alice', 'chief'])
    for (const search of ['%25', '_', "' OR 1=1", '\u0000', 'x'.repeat(999)]) {
      expect((await names(`search=${encodeURIComponent(search)}`)).names).toEqual([])
    }
  })

  it('changes a role, ends one session and all, disables and enables: in force at the next request, and told who did it', async () => {
    const { admin, services, desk, phone, id, see, act } = await staffed()
    expect(await act('role', { role: 'editor' })).toBe(`303 → /admin/users/${id}?done`)
    expect(await see(desk)).toContain('<dd>editor</dd>')
    const page = await admin.seen(admin.get(`/admin/users/${id}`))
    const [, newest = ''] = /name="session" value="([\w-]{22})"/.exec(page) ?? []
    await act('end-session', { session: newest })
    expect([(await see(desk)).slice(0, 3), (await see(phone)).slice(0, 3)]).toEqual(['200', '303'])
    await act('end-sessions')
    expect(await see(desk)).toBe('303 → /login')
    await act('disable')
    expect(await desk.signIn('alice')).toMatch(/^403 .*disabled/s)
    await act('enable')
    expect(await desk.signIn('alice')).toBe('303 → /dashboard')
    const chief = (await services.accounts.find('chief'))?.id
    const told = await services.audit.list(
      { userId: id, types: ['role-changed', 'account-disabled', 'account-enabled', 'sessions-ended'] },
      9,
    )
    expect(told.map(({ type, actor, sessionId }) => [type, actor, sessionId])).toEqual([
      ['account-enabled', chief, null],
      ['account-disabled', chief, null],
      ['sessions-ended', chief, null],
      ['sessions-ended', chief, newest],
      ['role-changed', chief, null],
    ])
  })

  it('ends a selection of sessions, and none of anybody else', async () => {
    const { url, admin, services, desk, phone, id, see } = await staffed()
    const third = new Client(url)
    await third.signIn('alice')
    const page = await admin.seen(admin.get(`/admin/users/${id}`))
    const boxes = [...page.matchAll(/type="checkbox" name="session" value="([\w-]{22})" form="selection"/g)]
    expect(boxes).toHaveLength(3)
    expect(page).toContain('id="selection"')
    const own = (await services.accounts.find('chief'))?.id ?? ''
    const chosen = [boxes[0]?.[1] ?? '', boxes[1]?.[1] ?? '', (await services.sessions.list(own))[0]?.id ?? '', 'x']
    const fields = new URLSearchParams(chosen.map((session): [string, string] => ['session', session]))
    await admin.post(`/admin/users/${id}/end-session`, fields)
    expect((await services.sessions.list(id)).map((info) => info.id)).toEqual([boxes[2]?.[1]])
    const alive = await Promise.all([desk, phone, third].map(see))
    expect(alive.filter((seen) => seen.startsWith('200'))).toHaveLength(1)
    expect(await admin.seen(admin.get('/admin'))).toMatch(/^200 /)
  })

  it('invites: the link is shown once, makes an account with the role, and is told without the code', async () => {
    const { url, admin, services, desk } = await staffed()
    // A choice of roles alone would not say what it is for.
    expect(await admin.seen(admin.get('/admin/users'))).toMatch(
      /<h2>Invitation<\/h2><form[^>]* action="\/admin\/invite"/,
    )
    const page = await admin.seen(admin.post('/admin/invite', { role: 'editor' }))
    const [, link = '', code = ''] = />([^<]+\/signup\?invitation=([\w-]+))</.exec(page) ?? []
    expect(link.startsWith(url)).toBe(true)
    const invited = new Client(url)
    await invited.post('/signup', { username: 'bob', password: PASSWORD, invitation: code })
    expect((await services.accounts.find('bob'))?.role).toBe('editor')
    const [told] = await services.audit.list({ types: ['invited'] }, 9)
    expect([told?.actor, told?.userId, told?.detail]).toEqual([
      (await services.accounts.find('chief'))?.id,
      null,
      { role: 'editor' },
    ])
    expect(await admin.seen(admin.post('/admin/invite', { role: 'pirate' }))).toMatch(/^\d+ .*There is no such role/s)
    expect(await desk.seen(desk.post('/admin/invite', { role: 'admin' }))).toMatch(/^403 /)
    expect(await services.audit.list({ types: ['invited'] }, 9)).toHaveLength(1)
  })

  it('deletes an account where its name is typed, and not by a slip', async () => {
    const { services, desk, id, see, act } = await staffed()
    expect(await act('delete', { name: 'bob' })).toMatch(/^400 .*Type alice to delete/s)
    expect(await see(desk)).toContain('Welcome, alice!')
    expect(await act('delete', { name: ' ALICE ' })).toBe('303 → /admin/users')
    expect(await services.accounts.find('alice')).toBeNull()
    const [told] = await services.audit.list({ types: ['account-deleted'] }, 9)
    expect([told?.userId, told?.actor]).toEqual([id, (await services.accounts.find('chief'))?.id])
    expect(await see(desk)).toBe('303 → /login')
  })

  it('refuses what there is not, and an administrator’s own account', async () => {
    const { admin, services, act } = await staffed()
    expect(await act('role', { role: 'pirate' })).toMatch(/^400 .*There is no such role/s)
    expect(await act('paint')).toMatch(/^404 /)
    const own = (await services.accounts.find('chief'))?.id ?? ''
    expect(await admin.seen(admin.post(`/admin/users/${own}/disable`))).toMatch(/^400 .*your own account/s)
    expect(await admin.seen(admin.get(`/admin/users/${'x'.repeat(22)}`))).toMatch(/^404 /)
    const other = (await services.sessions.list(own))[0]?.id ?? ''
    await act('end-session', { session: other })
    expect(await admin.seen(admin.get('/admin'))).toMatch(/^200 /)
  })

  it('tells the story of a session, and hands all out as CSV and NDJSON', async () => {
    const { admin, services, id } = await staffed()
    const session = (await services.sessions.list(id))[0]?.id ?? ''
    await admin.post(`/admin/users/${id}/end-session`, { session })
    const story = await admin.seen(admin.get(`/admin/events?session=${session}`))
    expect([...story.matchAll(/<code class="kind whole">([\w-]+)</g)].map(([, type]) => type)).toEqual([
      'sessions-ended',
      'ended',
      'signed-in',
    ])
    const csv = await admin.get(`/admin/events.csv?session=${session}`)
    expect([csv.headers.get('content-type'), csv.headers.get('content-disposition')]).toEqual([
      'text/csv; charset=utf-8; header=present',
      'attachment; filename="events.csv"',
    ])
    expect((await csv.text()).trimEnd().split('\r\n')).toHaveLength(4)
    const lines = (await (await admin.get('/admin/events.ndjson')).text()).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).type)).toContain('account-created')
  })

  it('finds what happened by name and type, in plain words with the names of people', async () => {
    const { admin, services, id, act } = await staffed()
    await act('role', { role: 'editor' })
    await act('end-sessions')
    const rowsOf = async (query: string) => cellsOf(await admin.seen(admin.get(`/admin/events?${query}`)))
    for (const user of ['alice', 'ALICE', id]) {
      const rows = await rowsOf(`user=${user}&type=role-changed`)
      expect(rows.map(([, ...cells]) => cells)).toEqual([
        ['Role changed role-changed', 'alice (by chief)', '–', 'The role was changed from user to editor'],
      ])
    }
    expect((await rowsOf('type=ended')).map((cells) => cells.at(-1))).toEqual([
      'Ended: revoked, by an administrator',
      'Ended: revoked, by an administrator',
    ])
    expect((await rowsOf('user=alice')).flat().join(' ')).not.toMatch(/[{}]|null/)
    // The form holds what was asked for, by the name also where a link had the id.
    const page = await admin.seen(admin.get(`/admin/events?user=${id}&type=ended`))
    expect(page).toMatch(/<input name="user" value="alice"/)
    expect(page).toMatch(/<option value="ended" selected(?:="")?>End of a session \(ended\)</)
    expect(page).toContain('<input name="session"')
    const csv = await (await admin.get('/admin/events.csv?user=alice&type=ended')).text()
    expect(csv.trimEnd().split('\r\n')).toHaveLength(3)
    for (const query of ['user=nobody', 'type=nothing', 'session=x']) {
      expect(await admin.seen(admin.get(`/admin/events?${query}`))).toContain('Nothing.')
    }
    // Of an account that is gone, the beginning of its id.
    await services.accounts.remove(id)
    expect((await rowsOf(`user=${id}&type=role-changed`))[0]?.[2]).toBe(`${id.slice(0, 8)} (by chief)`)
  })

  it('marks in the navigation where one is', async () => {
    const { admin, id } = await staffed()
    for (const [path, marked] of [
      ['/dashboard', ['Dashboard']],
      ['/account/sessions', ['Devices']],
      ['/account', ['Account']],
      ['/account/password', ['Account']],
      ['/admin', ['Administration', 'Overview', 'day']],
      [`/admin/users/${id}`, ['Administration', 'Users']],
    ] as const) {
      const page = await admin.seen(admin.get(path))
      expect(
        [...page.matchAll(/aria-current="page"[^>]*>([^<]+)</g)].map(([, text]) => text),
        path,
      ).toEqual(marked.map((text) => (text === 'day' ? expect.stringMatching(/day/i) : text)))
    }
  })

  it.each(['csv', 'ndjson'])('reads no further for an export as %s that is broken off', async (form) => {
    const all = 100_000
    const seen = { read: 0, hasEnded: false }
    const { admin } = await staffed({
      around: ({ audit }) => ({
        audit: {
          ...audit,
          /** As if it were long. */
          async *stream(filter) {
            try {
              while (seen.read < all) {
                for await (const kept of audit.stream(filter)) {
                  seen.read++
                  yield kept
                }
              }
            } finally {
              seen.hasEnded = true
            }
          },
        },
      }),
    })
    const reader = (await admin.get(`/admin/events.${form}`)).body?.getReader()
    await reader?.read()
    await reader?.cancel()
    await vi.waitFor(() => expect(seen.hasEnded).toBe(true), 20_000)
    expect(seen.read).toBeLessThan(all)
  })

  it('shows the policy in effect beside the figures of NIST and OWASP', async () => {
    const { admin } = await staffed()
    const cells = cellsOf(await admin.seen(admin.get('/admin/policy')))
    expect(cells).toContainEqual([
      'Idle timeout COATCHECK_IDLE',
      '30 minutes',
      'nothing',
      'NIST SP 800-63B-4 2.1.3 (AAL1)',
      '▲ stricter',
    ])
    expect(cells).toContainEqual([
      'Idle timeout',
      '30 minutes',
      'at most 15 minutes',
      'NIST SP 800-63B-4 2.3.3 (AAL3)',
      '▼ weaker',
    ])
    expect(cells).toContainEqual([
      'Absolute timeout',
      '12 hours',
      '4 hours to 8 hours',
      'OWASP Session Management',
      '▼ weaker',
    ])
    expect(cells.filter(([, , , , verdict]) => verdict === undefined)).toEqual([])
  })

  it('shows the keys, when each was last used, and the commands with the ids that are meant', async () => {
    const { admin, services } = await staffed()
    const [newest] = await services.keys.list()
    const first = await admin.seen(admin.get('/admin/keys'))
    expect(cellsOf(first)).toEqual([[newest?.id, 'newest: makes tokens', 'just now', 'in use', '–']])
    expect(first).toContain(`npm run coatcheck -- keys retire ${newest?.id}<`)
    const added = await services.keys.add()
    const second = await admin.seen(admin.get('/admin/keys'))
    expect(cellsOf(second)[1]).toEqual([added.id, 'free: can be taken away', 'just now', 'never', '–'])
    expect(second).toContain(`npm run coatcheck -- keys promote ${added.id}<`)
    expect(second).toContain(`npm run coatcheck -- keys retire ${newest?.id}<`)
    await services.keys.used(newest?.id ?? '')
    writeFileSync(join(services.config.data, 'keys'), '')
    expect(await admin.seen(admin.get('/admin/keys'))).toMatch(
      /^200 .*cannot be read now.*npm run coatcheck -- doctor/s,
    )
  })
})

/** The texts of a page's table. */
function cellsOf(page: string): string[][] {
  const [body = ''] = /<tbody\b.*<\/tbody>/s.exec(page) ?? []
  return body
    .split('</tr>')
    .slice(0, -1)
    .map((row) =>
      [...row.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell = '']) =>
        cell
          .replace(/<[^>]+>/g, ' ')
          .replace(/\s+/g, ' ')
          .trim(),
      ),
    )
}
