import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { LATEST } from '../../src/accounts/migrations.ts'
import { change, EARLIER, toEarlierSessions } from '../earlier-schema.ts'
import { coatcheck, coatcheckJson, startedFolder } from './command.ts'

it('the tables are brought up to date, with a copy of before, and what cannot be is said', async () => {
  const data = await startedFolder()
  const latest = { accounts: LATEST.accounts, sessions: LATEST.sessions, backup: null }
  expect(await coatcheckJson(data, ['migrate'])).toEqual([
    { ...latest, accountsBefore: LATEST.accounts, sessionsBefore: LATEST.sessions },
  ])
  const path = join(data, 'coatcheck.db')
  toEarlierSessions(path)
  const backup = `${path}.v${LATEST.accounts}.${EARLIER}.backup`
  expect(await coatcheckJson(data, ['migrate'])).toEqual([
    { ...latest, accountsBefore: LATEST.accounts, sessionsBefore: EARLIER, backup },
  ])
  expect(existsSync(backup)).toBe(true)
  expect((await coatcheck(data, ['migrate'])).out).toContain(`sessions\t${LATEST.sessions}\n`)
  expect((await coatcheck(data, ['migrate', 'now'])).code).toBe(2)
  change(path, (database) => database.exec('UPDATE accounts_schema SET version = 99'))
  const { code, err } = await coatcheck(data, ['migrate'])
  expect([code, err]).toEqual([1, expect.stringContaining('made by a newer Coatcheck')])
})
