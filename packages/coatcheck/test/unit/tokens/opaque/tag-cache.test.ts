import { describe, expect, test } from 'vitest'
import { makeTagCache } from '../../../../src/tokens/opaque/tag-cache.ts'
import type { Token } from '../../../../src/tokens/opaque/token.ts'
import { anApp } from '../../core/app.ts'

const token: Token = { id: 'id', secret: 'secret', generation: 3, keyId: 'key', tag: 'tag', signed: 'signed' }

test('a token is known by all of it', () => {
  const tags = makeTagCache(10)
  expect(tags.has('hash', token)).toBe(false)
  tags.add('hash', token)
  expect(tags.has('hash', token)).toBe(true)
  expect(tags.has('other', token)).toBe(false)
  for (const other of [{ id: 'x' }, { generation: 4 }, { keyId: 'x' }, { tag: 'x' }]) {
    expect(tags.has('hash', { ...token, ...other })).toBe(false)
  }
})

test('the latest are known, and older ones are forgotten', () => {
  const tags = makeTagCache(10)
  const known = () => Array.from({ length: 100 }, (_, i) => i).filter((i) => tags.has(`hash ${i}`, token))
  for (let i = 0; i < 100; i++) {
    tags.add(`hash ${i}`, token)
    tags.add(`hash ${i}`, token)
    expect(known().slice(-10)).toEqual(Array.from({ length: Math.min(10, i + 1) }, (_, k) => Math.max(0, i - 9) + k))
    expect(known().length).toBeLessThanOrEqual(20)
  }
})

describe('in a process that has seen the token', () => {
  test('one with the same secret and another tag, generation, id or key is none of ours', async () => {
    const app = anApp()
    const ada = await app.signedIn()
    expect(await ada.visit(({ userId }) => userId)).toBe('ada')
    const real = ada.jar.get('__Host-sid') ?? ''
    const swap = (text: string, at: number) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
    const forged = [
      swap(real, real.length - 1),
      swap(real, real.length - 28),
      real.replace('cc1.0.', 'cc1.1.'),
      swap(real, 6),
    ]
    for (const text of forged) {
      app.counting.reset()
      ada.jar.set('__Host-sid', text)
      expect([await ada.visit(({ userId }) => userId), app.counting.counts()]).toEqual([null, {}])
    }
    ada.jar.set('__Host-sid', real)
    expect(await ada.visit(({ userId }) => userId)).toBe('ada')
  })
})
