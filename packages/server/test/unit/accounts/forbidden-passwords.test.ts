import { describe, expect, it } from 'vitest'
import { isForbiddenPassword } from '../../../src/accounts/forbidden-passwords.ts'

describe('a password is forbidden', () => {
  it.each([
    ['many use it', '1qaz2wsx3edc4rfv'],
    ['many use it, in other letters', 'QwertyuioP12345'],
    ['it is composed in another way', 'ｑｗｅｒｔｙｕｉｏｐ１２３４５'],
    ['it is two that many use', 'password12345678'],
    ['it is one piece again and again', 'xyzxyzxyzxyzxyz'],
    ['it ends within that piece', 'correct-correct-corr'],
    ['it is one sign', '🧥'.repeat(20)],
    ['it is the name of the product', 'CoatCheck-2026!'],
    ['it is the name', 'Maria Sibylla Merian'],
    ['it is a word of the name', 'merian-merian-42'],
    ['it is the address', 'maria@example.org'],
    ['it is the address and a little more', '!!maria@example.org1'],
  ])('where %s: %s', (_, password) => {
    expect(isForbiddenPassword(password, ['Maria Sibylla Merian', 'maria@example.org'])).toBe(true)
  })

  it('where it is the longer of two words of the name, one of which begins the other', () => {
    expect(isForbiddenPassword('annabel1annabel2', ['Ann Annabel'])).toBe(true)
  })
})

describe('a password may be used', () => {
  it.each([
    ['three words', 'correct horse battery'],
    ['three words that many use, in a row', 'dragonmonkeymaster'],
    ['a word of the name among others', 'merian paints beetles'],
    ['what is long before it repeats', 'abcdefghi-abcdefghi-'],
    ['letters of a very short name', 'bo knows nothing of it'],
    ['a line of the list that is none of its passwords', '# the following conditions:'],
  ])('where it is %s: %s', (_, password) => {
    expect(isForbiddenPassword(password, ['Maria Merian', 'bo', 'a', ''])).toBe(false)
  })
})
