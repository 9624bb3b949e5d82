import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { limitsOf } from '../../../src/actions/limits.ts'
import { readConfig } from '../../../src/config.ts'
import { policyRows } from '../../../src/console/policy-rows.ts'
import { textsIn } from '../../../src/texts/index.ts'

const source = fileURLToPath(new URL('../../../src/', import.meta.url))

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => ({ name: name.replaceAll('\\', '/'), text: readFileSync(join(source, name), 'utf8') }))

it('each limit stands in the one table that the console shows: no other file makes one', () => {
  const makers = files.filter(({ text }) => /\bmost(?::[^,{}]+)?,\s*window\b/.test(text)).map(({ name }) => name)
  const counter = 'accounts/attempts.ts'
  // What is kept of events has bounds as well, which refuse nobody.
  const budgets = 'audit/budgets.ts'
  expect(makers.toSorted()).toEqual([counter, 'actions/limits.ts', budgets, 'console/policy-rows.ts'])
})

it('each is a row of the policy, with the figure that rules and words in each language', () => {
  const config = readConfig({ COATCHECK_CHANGES_PER_ACCOUNT: '7', COATCHECK_SIGN_INS_PER_ACCOUNT: '8' })
  const shown = policyRows(config)
  const rows = new Map<string, (typeof shown)[number]>(shown.map((row) => [row.setting, row]))
  const limits = Object.entries(limitsOf(config))
  expect(limits.length).toBeGreaterThan(10)
  for (const [name, { most, window }] of limits) {
    expect(rows.get(name)?.value).toEqual({ kind: 'rate', value: most, window })
  }
  expect(rows.get('changes')?.value).toMatchObject({ value: 7 })
  expect(rows.get('administering')?.value).toMatchObject({ value: 70 })
  expect(rows.get('signIns')?.value).toMatchObject({ value: 8 })
  for (const { setting } of shown) {
    for (const language of ['en', 'de'] as const) expect(textsIn(language).consolePolicy.settings[setting]).not.toBe('')
  }
})

it('the most pages that may listen, and passwords that may wait, are rows as well', () => {
  const counts = policyRows(readConfig({})).flatMap(({ setting, value }) =>
    value.kind === 'count' ? [`${setting} ${value.value}`] : [],
  )
  expect(counts).toEqual(
    expect.arrayContaining([
      'perUser 100',
      'pagesOfSession 20',
      'pagesOfUser 100',
      'pagesOfAddress 1000',
      'pagesInAll 10000',
      'waitingPasswords 64',
    ]),
  )
})
