import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { inspect } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { sqliteStore } from '../../src/stores/sqlite.ts'
import { seeded } from '../../src/testing/index.ts'
import { freshFile } from '../unit/stores/folder.ts'
import { aRecord, START } from '../unit/stores/records.ts'
import { longRun } from './long-run.ts'
import { formsOf, Search } from './search.ts'

const STEPS = 2_000
const FILES = ['', '-wal', '-shm']

/** A reader that stands still, so that the log of what was written cannot be reset: all of it stays to be searched. */
function holdReader(file: string): () => void {
  const reader = new DatabaseSync(file)
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM coatcheck_sessions').get()
  let isOpen = true
  const release = () => {
    if (isOpen) reader.close()
    isOpen = false
  }
  onTestFinished(release)
  return release
}

function foundIn(file: string, search: Search): readonly string[] {
  return FILES.flatMap((ending) => search.in(readFileSync(`${file}${ending}`)).map((what) => `${ending}: ${what}`))
}

it('after a long run neither the file nor its log nor an event or error holds a secret in any form', {
  timeout: 60_000,
}, async () => {
  const file = freshFile()
  const store = sqliteStore(file, { timeout: '20s' })
  onTestFinished(() => store.close())
  await store.read('')
  const release = holdReader(file)
  const search = new Search()
  const { events, errors, tokens } = await longRun(store, STEPS, search)
  expect(tokens).toBeGreaterThan(STEPS / 10)
  expect(events.length).toBeGreaterThan(STEPS / 5)
  expect(errors.length).toBeGreaterThan(STEPS / 20)
  expect(readFileSync(`${file}-wal`).length).toBeGreaterThan(STEPS * 4_096)
  expect(foundIn(file, search)).toEqual([])
  expect(search.in(Buffer.from(JSON.stringify(events)))).toEqual([])
  expect(search.in(Buffer.from(inspect(errors, { depth: 10, maxArrayLength: null, maxStringLength: null })))).toEqual(
    [],
  )

  // A secret of letters, so that its raw bytes can stand in data as they are; of ? and ~ the two base64s differ.
  const letters = `ab?cd~${seeded('planted').bytes(24)}`.slice(0, 32)
  search.addText(letters)
  const forms = Object.entries(formsOf(Buffer.from(letters)))
  const data = new Map(forms.map(([form, bytes]) => [form, JSON.stringify(bytes.toString('latin1'))]))
  await store.create(aRecord(store, { data, expiresAt: START * 2, idleFor: null }))
  const planted = (ending: string) => forms.map(([form]) => `${ending}: ${letters} as ${form}`)
  expect(foundIn(file, search).toSorted()).toEqual(planted('-wal').toSorted())

  // And bytes that are no text, in a table of their own.
  const secret = seeded('planted too').bytes(32)
  search.addSecret(secret)
  const writer = new DatabaseSync(file)
  writer.exec('CREATE TABLE planted (bytes BLOB)')
  writer.prepare('INSERT INTO planted VALUES (?)').run(Buffer.from(secret, 'base64url'))
  expect(foundIn(file, search).toSorted()).toEqual([...planted('-wal'), `-wal: ${secret} as raw`].toSorted())

  // When nobody holds the log any more, it goes into the file, and what was planted with it.
  release()
  writer.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  writer.close()
  expect(foundIn(file, search).toSorted()).toEqual([...planted(''), `: ${secret} as raw`].toSorted())
})
