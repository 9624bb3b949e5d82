import { describe, expect, it } from 'vitest'
import { KEPT_TYPES } from '../../../src/audit/happenings.ts'
import { kindOf, sentenceOf } from '../../../src/console/wording.ts'
import { textsIn } from '../../../src/texts/index.ts'

const kept = (type: string, detail: Record<string, unknown> = {}) => ({
  ...{ id: 1, at: 0, type, severity: 'info' as const, userId: null, sessionId: null, actor: null },
  detail,
})

describe('what happened, in words', () => {
  it.each([
    ['refused', { reason: 'revoked' }, 'A token of it was refused: revoked'],
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
      'reason: cross-site, method: POST, site: cross-site',
    ],
    ['account-deleted', {}, 'Account deleted'],
    ['a type of a later version', { note: null }, 'a type of a later version'],
    ['__proto__', {}, '__proto__'],
  ])('says of %s %j: %s', (type, detail, sentence) => {
    expect(sentenceOf(kept(type, detail), textsIn('en'))).toBe(sentence)
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
