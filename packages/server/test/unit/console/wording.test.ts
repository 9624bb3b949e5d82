import { describe, expect, it } from 'vitest'
import { KEPT_TYPES } from '../../../src/audit/happenings.ts'
import { kindOf, sentenceOf } from '../../../src/console/wording.ts'
import { textsIn } from '../../../src/texts/index.ts'

const kept = (type: string, detail: Record<string, unknown> = {}, sessionId: string | null = null) => ({
  ...{ id: 1, at: 0, type, severity: 'info' as const, userId: null, sessionId, actor: null },
  detail,
})

describe('what happened, in words', () => {
  it.each([
    ['refused', { reason: 'malformed' }, 'A session cookie was refused: no token at all'],
    ['ended', { reason: 'idle', note: null }, 'Ended: idle timeout'],
    [
      'sign-in-failed',
      { reason: 'invalid-credentials', network: '203.0.113.0/24' },
      'A wrong password was tried: 203.0.113.0/24',
    ],
    ['key-retired', { keyId: 'f3Kd-0', forced: false }, 'key id: f3Kd-0, forced: false'],
    ['keys-claimed', { keyIds: ['a', 'b'] }, 'key ids: a b'],
    [
      'csrf-blocked',
      { reason: 'cross-site', method: 'POST', site: 'cross-site', origin: null },
      'A POST request was refused: the page that made it is of another site',
    ],
    [
      'csrf-blocked',
      { reason: 'foreign-origin', method: 'POST', site: null, origin: 'https://a.example', enforced: true },
      'A POST request from https://a.example was refused: the page that made it is neither ours nor trusted',
    ],
    [
      'csrf-blocked',
      { reason: 'foreign-origin', method: 'other', site: null, origin: 'malformed', enforced: true },
      'A request was refused: the page that made it is neither ours nor trusted',
    ],
    ['account-created', { role: 'user' }, 'The account was made'],
    ['account-created', {}, 'The account was made'],
    ['account-created', { role: 'admin' }, 'The account was made, with the role admin'],
    [
      'set-up-failed',
      { reason: 'setup-code-wrong', network: '203.0.113.0/24' },
      'A code for the first administrator was tried that does not count: 203.0.113.0/24',
    ],
    ['account-deleted', {}, 'Account deleted'],
    ['a type of a later version', { note: null }, 'a type of a later version'],
    ['__proto__', {}, '__proto__'],
  ])('says of %s %j: %s', (type, detail, sentence) => {
    expect(sentenceOf(kept(type, detail), textsIn('en'))).toBe(sentence)
  })

  it('speaks of a session only where there is one', () => {
    const refused = kept('refused', { reason: 'revoked' }, 'a session')
    expect(sentenceOf(refused, textsIn('en'))).toBe('A token of it was refused: revoked')
    expect(sentenceOf(refused, textsIn('de'))).toBe('Ein Token von ihr wurde abgewiesen: widerrufen')
  })

  it('says in German, too, which request was refused', () => {
    const blocked = kept('csrf-blocked', { reason: 'foreign-origin', method: 'POST', origin: 'https://a.example' })
    expect(sentenceOf(blocked, textsIn('de'))).toBe(
      'Eine POST-Anfrage von https://a.example wurde abgewiesen: Die Seite, von der sie kam, ist weder unsere noch vertraut',
    )
  })

  it.each(['en', 'de'] as const)(
    'says it of every type, and calls each by other words than its code: %s',
    (language) => {
      const texts = textsIn(language)
      const kinds = KEPT_TYPES.map((type) => kindOf(texts.happenings, type))
      expect(new Set(kinds).size).toBe(KEPT_TYPES.length)
      for (const [i, type] of KEPT_TYPES.entries()) {
        expect(kinds[i]).not.toBe(type)
        expect(sentenceOf(kept(type), texts)).not.toMatch(/^(?:[a-z]+-[a-z-]+)?$/)
      }
      expect(new Set(KEPT_TYPES).size).toBe(KEPT_TYPES.length)
    },
  )
})
