import { readFileSync } from 'node:fs'

/** Beside `src` and `dist` alike. */
const LIST = new URL('../../data/common-passwords.txt', import.meta.url)
const PRODUCT = 'coatcheck'
/** A piece as short as this, said again and again, is as good as said once. */
const LONGEST_PIECE = 8
/** What a password needs beside words that everybody knows of its owner. */
const LEAST_BESIDE = 8
/** Shorter names are in many good passwords by chance. */
const SHORTEST_WORD = 3

let common: ReadonlySet<string> | null = null

/** Without regard to case, and however the keyboard composes its letters. */
const folded = (text: string): string => text.normalize('NFKC').toLowerCase()

/**
 * Whether somebody who guesses would try the password early (ASVS 6.2.4, 6.2.11): many use it, or it is two such ones in
 * a row, one short piece repeated, or little more than what everybody knows of its owner (names, addresses).
 */
export function isForbiddenPassword(password: string, known: readonly string[]): boolean {
  const text = folded(password)
  return isCommon(text) || isRepetition(text) || isKnown(text, known)
}

/** The long ones of the lists are few, but most of what people make to reach a length is two short ones. */
function isCommon(text: string): boolean {
  common ??= readList()
  if (common.has(text)) return true
  for (let at = 1; at < text.length; at++) {
    if (common.has(text.slice(0, at)) && common.has(text.slice(at))) return true
  }
  return false
}

function isRepetition(text: string): boolean {
  const letters = [...text]
  for (let size = 1; size <= Math.min(LONGEST_PIECE, letters.length / 2); size++) {
    if (letters.every((letter, i) => letter === letters[i % size])) return true
  }
  return false
}

function isKnown(text: string, known: readonly string[]): boolean {
  const words = [PRODUCT, ...known.map(folded).flatMap((one) => [one, ...one.split(/[\s@]+/)])]
    .filter((word) => [...word].length >= SHORTEST_WORD)
    .toSorted((a, b) => b.length - a.length)
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), text)
  return rest !== text && [...rest].length < LEAST_BESIDE
}

function readList(): ReadonlySet<string> {
  const text = readFileSync(LIST, 'utf8')
  const [, ...lines] = text.slice(text.indexOf('\n\n') + 1).split('\n')
  return new Set(lines.filter((line) => line !== ''))
}
