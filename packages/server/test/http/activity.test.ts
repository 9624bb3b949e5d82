import { expect, it } from 'vitest'
import { setRole } from '../../src/actions/administering.ts'
import { addressKey, networkOf } from '../../src/audit/networks.ts'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0'

/** The sentences of the page, the newest first. */
async function activityOf(client: Client, path = '/account/activity') {
  const page = await client.seen(client.get(path))
  return [...page.matchAll(/<li class="card entry"><span>(.*?)<\/span><span class="hint"><time/gs)].map(([, text]) =>
    text?.replace(/<[^>]+>/g, '').trim(),
  )
}

it('a person reads in plain words what happened to the account: devices, endings, wrong passwords, changes', async () => {
  const { url, services } = await runningServer(dataFolder(), { roles: new Map([['editor', []]]) })
  const [desk, phone] = [new Client(url, { 'user-agent': FIREFOX }), new Client(url)]
  await desk.signUp('alice')
  await desk.signIn('alice')
  await phone.signIn('alice', 'not the password')
  await phone.signIn('alice')
  await phone.post('/logout')
  await phone.signIn('alice')
  await desk.post('/account/sessions/end-others')
  await desk.post('/account/preferences', { theme: 'dark', language: '' })
  await setRole(services, 'alice', 'editor')
  await desk.post('/account/password', { password: PASSWORD, 'new-password': 'another one, newly set' })
  const seen = await activityOf(desk)
  expect(seen.filter((text) => !/^Devices were|^The password was changed/.test(text ?? ''))).toEqual([
    'The role was changed from user to editor (by an administrator)',
    'Preferences were changed',
    expect.stringMatching(/^Signed out: Unknown browser, 127\.0\.0\.0\/24$/),
    'Signed in: Unknown browser, 127.0.0.0/24',
    'Signed out: Unknown browser, 127.0.0.0/24',
    'Signed in from a new device: Unknown browser, 127.0.0.0/24',
    'A wrong password was tried: 127.0.0.0/24',
    'Signed in from a new device: Firefox on Windows, 127.0.0.0/24',
    'The account was made',
  ])
})

it('nobody reads another one’s, and who is not signed in reads none', async () => {
  const { url } = await runningServer()
  const [alice, bob] = [new Client(url), new Client(url)]
  for (const [client, name] of [
    [alice, 'alice'],
    [bob, 'bob'],
  ] as const) {
    await client.signUp(name)
    await client.signIn(name)
  }
  expect(await activityOf(bob)).toHaveLength(2)
  const nobody = new Client(url)
  expect(await nobody.seen(nobody.get('/account/activity'))).toMatch(/^303 → \/login/)
})

it('is shown a page at a time, and a hostile page number is the first', async () => {
  const { url } = await runningServer()
  const client = new Client(url)
  await client.signUp('alice')
  for (let i = 0; i < 35; i++) await client.signIn('alice')
  expect((await activityOf(client)).length).toBe(30)
  let path: string | undefined = '/account/activity'
  let last: string | undefined
  while (path !== undefined) {
    last = (await activityOf(client, path)).at(-1)
    const [, older]: (string | undefined)[] =
      /"(\/account\/activity\?before=\d+)"/.exec(await client.seen(client.get(path))) ?? []
    path = older
  }
  expect(last).toBe('The account was made')
  for (const before of ['-1', '0', 'x', '9e99', '1;DROP TABLE happenings']) {
    expect((await activityOf(client, `/account/activity?before=${encodeURIComponent(before)}`)).length).toBe(30)
  }
})

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '::ffff:203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0db8:1:2::9', '2001:db8:1:2::/64'],
  ['unknown', 'unknown'],
])('%s is counted as %s', (address, key) => {
  expect(addressKey(address)).toBe(key)
})

it.each([
  ['203.0.113.7', '203.0.113.0/24'],
  ['::ffff:203.0.113.7', '203.0.113.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['2001:0db8::1', '2001:db8:0::/48'],
  ['::1', '0:0:0::/48'],
  ['unknown', null],
  [null, null],
])('the network of %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
