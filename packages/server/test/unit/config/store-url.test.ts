import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { parseAccountsUrl, parseStoreUrl, shownStore } from '../../../src/config/store-url.ts'
import { readConfig } from '../../../src/config.ts'

const one = (host: string, port: number) => ({ host, port })
const USUAL = {
  topology: 'single',
  tls: false,
  master: null,
  username: null,
  password: null,
  sentinelPassword: null,
  database: 0,
  namespace: 'default',
} as const

describe('the address of a Redis', () => {
  it.each([
    ['redis://localhost', { hosts: [one('localhost', 6379)] }],
    ['redis://127.0.0.1:7000/', { hosts: [one('127.0.0.1', 7000)] }],
    ['redis://[::1]:7000/2', { hosts: [one('::1', 7000)], database: 2 }],
    ['rediss://redis.example.org', { hosts: [one('redis.example.org', 6379)], tls: true }],
    ['redis://:s%40%3A%2F@host', { hosts: [one('host', 6379)], password: 's@:/' }],
    ['redis://name:secret@host', { hosts: [one('host', 6379)], username: 'name', password: 'secret' }],
    ['redis://host/3?namespace=shop', { hosts: [one('host', 6379)], database: 3, namespace: 'shop' }],
    ['redis+cluster://a:1,b,c:3', { topology: 'cluster', hosts: [one('a', 1), one('b', 6379), one('c', 3)] }],
    [
      'rediss+cluster://name:secret@a?namespace=x',
      { topology: 'cluster', hosts: [one('a', 6379)], tls: true, username: 'name', password: 'secret', namespace: 'x' },
    ],
    ['redis+sentinel://a,b:2/main', { topology: 'sentinel', hosts: [one('a', 26379), one('b', 2)], master: 'main' }],
    ['redis+sentinel://a/main/4', { topology: 'sentinel', hosts: [one('a', 26379)], master: 'main', database: 4 }],
    ['redis+sentinel://a/4?master=m', { topology: 'sentinel', hosts: [one('a', 26379)], master: 'm', database: 4 }],
    [
      'redis+sentinel://:p@a/m?sentinel-password=a+b%40%26%25@=&namespace=x',
      {
        ...{ topology: 'sentinel', hosts: [one('a', 26379)], master: 'm', password: 'p', namespace: 'x' },
        sentinelPassword: 'a+b@&%@=',
      },
    ],
    [
      'redis+sentinel://a/m?sentinel-password=s@',
      { topology: 'sentinel', hosts: [one('a', 26379)], master: 'm', sentinelPassword: 's@' },
    ],
  ])('%s is understood', (text, location) => {
    expect(parseStoreUrl(text)).toEqual({ ...USUAL, ...location })
  })

  it.each([
    ...['', 'localhost:6379', 'http://localhost', 'redis://', 'redis:///0', 'redis://a,b', 'redis+other://a'],
    ...[
      'redis://a:0',
      'redis://a:65536',
      'redis://a:b',
      'redis://a/one',
      'redis://a/1/2',
      'redis://a b',
      'redis://a#1',
    ],
    ...['redis://name@a', 'redis://name:@a', 'redis://:a@b@c', 'redis://:%zz@a', 'redis+cluster://a/1'],
    ...['redis+sentinel://a', 'redis+sentinel://a/m/1/2', 'redis+sentinel://a/two words', 'redis://a?master=m'],
    ...['redis://a?namespace=', 'redis://a?namespace=a&namespace=b', 'redis://a?db=1', 'redis://::1:6379'],
    ...[
      'redis://a?sentinel-password=s',
      'redis+cluster://a?sentinel-password=s',
      'redis+sentinel://a/m?sentinel-password=',
    ],
    ...['redis+sentinel://a/m?sentinel-password=%zz', 'redis+sentinel://a/m?sentinel-password'],
  ])('%j is refused', (text) => {
    expect(parseStoreUrl(text)).toBeNull()
  })

  it.each([
    ['redis://name:secret@host/3?namespace=shop', 'redis://host:6379/3'],
    ['rediss+cluster://:secret@a:1,[::1]:2', 'rediss+cluster://a:1,[::1]:2'],
    ['redis+sentinel://:secret@a/main', 'redis+sentinel://a:26379/main'],
    ['redis+sentinel://:secret@a/main?sentinel-password=secret', 'redis+sentinel://a:26379/main'],
  ])('%s is shown without what is secret in it', (text, shown) => {
    const location = parseStoreUrl(text)
    expect(location && shownStore(location)).toBe(shown)
  })
})

describe('the address of the accounts', () => {
  it.each([
    ['sqlite:accounts.db', 'accounts.db'],
    ['sqlite:./data/accounts.db', './data/accounts.db'],
    ['sqlite:/srv/accounts.db', '/srv/accounts.db'],
    ['sqlite:///srv/accounts.db', '/srv/accounts.db'],
  ])('%s is understood', (text, path) => {
    expect(parseAccountsUrl(text)).toBe(path)
  })

  it.each(['', 'accounts.db', 'sqlite:', 'sqlite::memory:', 'sqlite://host/accounts.db', 'sqlite:a?b', 'postgres://a'])(
    '%j is refused',
    (text) => {
      expect(parseAccountsUrl(text)).toBeNull()
    },
  )
})

describe('the settings of the stores', () => {
  const STORE = { COATCHECK_STORE_URL: 'redis://name:secret@host' }

  test('a Redis with accounts of this machine is refused, unless that is the only one', () => {
    expect(() => readConfig(STORE)).toThrow(
      /^COATCHECK_STORE_URL names a Redis that several machines can share, but the accounts are in a SQLite file .* set COATCHECK_ONE_MACHINE=yes/,
    )
    expect(() => readConfig({ ...STORE, COATCHECK_ONE_MACHINE: 'no' })).toThrow(/COATCHECK_ONE_MACHINE=yes/)
    expect(readConfig({ ...STORE, COATCHECK_ONE_MACHINE: 'yes' }).store?.hosts).toEqual([one('host', 6379)])
  })

  test('an address that cannot be used is not repeated, since it may hold a password', () => {
    const wrong = () => readConfig({ COATCHECK_STORE_URL: 'redis://name:hunter2@host/one' })
    expect(wrong).toThrow(/^COATCHECK_STORE_URL cannot be used: set it to the address of a Redis, such as /)
    expect(wrong).not.toThrow(/hunter2/)
  })

  test('without them sessions and accounts are in the data folder', () => {
    expect(readConfig({})).toMatchObject({ store: null, accountsFile: null })
    expect(readConfig({ COATCHECK_ACCOUNTS_URL: 'sqlite:a.db' }).accountsFile).toBe(join(process.cwd(), 'a.db'))
    expect(() => readConfig({ COATCHECK_ACCOUNTS_URL: 'a.db' })).toThrow(/COATCHECK_ACCOUNTS_URL cannot be used/)
  })
})
