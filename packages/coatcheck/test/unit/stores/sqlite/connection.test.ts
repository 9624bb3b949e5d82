import { describe, expect, test } from 'vitest'
import { Connection } from '../../../../src/stores/sqlite/connection.ts'
import { freshFile } from '../folder.ts'

/** What SQLite throws, with its result code. */
const failed = (errcode: number) => Object.assign(new Error('a failure that is meant'), { errcode })

/** Whether the next call has the tables that were open before one failed so. */
function keepsItsTables(errcode: number): boolean {
  const connection = new Connection(freshFile(), 'default', 'normal')
  connection.read('read', () => undefined)
  const before = connection.open
  expect(() =>
    connection.read('read', () => {
      throw failed(errcode)
    }),
  ).toThrow('a failure that is meant')
  connection.read('read', () => undefined)
  const isSame = connection.open === before
  connection.close()
  return isSame
}

describe('after a failure', () => {
  test.each([
    ['IOERR', 10],
    ['IOERR_SHORT_READ', 522],
    ['CORRUPT', 11],
    ['CANTOPEN', 14],
    ['NOTADB', 26],
  ])('%s, the file is opened anew', (_, errcode) => {
    expect(keepsItsTables(errcode)).toBe(false)
  })

  test.each([
    ['BUSY', 5],
    ['LOCKED', 6],
    ['FULL', 13],
    ['CONSTRAINT', 19],
  ])('%s, the connection is kept', (_, errcode) => {
    expect(keepsItsTables(errcode)).toBe(true)
  })
})
