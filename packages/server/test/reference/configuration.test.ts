import { expect, test } from 'vitest'
import { pageAt, tableOf } from '../../../coatcheck/test/reference/page.ts'
import { adviceFor, type SettingName, settingsSchema } from '../../src/config/settings.ts'
import { ConfigError, readConfig } from '../../src/config.ts'

const names = Object.keys(settingsSchema.shape) as SettingName[]

/** As it would be written; null where nothing is the default. */
function defaultOf(name: SettingName): string | null {
  const value: unknown = settingsSchema.shape[name].parse(undefined)
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return null
  if (value instanceof Map && value.size === 0) return null
  // What is read as something else stands in the table as text.
  return name === 'COATCHECK_DRAIN' ? `${Number(value) / 1_000}s` : String(value)
}

const meaningOf = (name: SettingName) => String(settingsSchema.shape[name].meta()?.['meaning'] ?? '')

/** The examples in it as code. */
const marked = (advice: string) => advice.replaceAll(/[A-Z_]+=(?:"[^"]*"|[^\s;,]+[^\s;,.])/g, '`$&`')

/** What a start with these settings says. */
function sentenceOf(settings: Readonly<Record<string, string>>): string {
  try {
    readConfig(settings)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('The settings are taken.')
}

const errors: readonly [what: string, settings: Readonly<Record<string, string>>][] = [
  ['a value that cannot be used', { PORT: '80000' }],
  ['half of a pair', { COATCHECK_TLS_CERT: './tls/cert.pem' }],
  ['a rule with a role that there is not', { COATCHECK_GATE_RULES: '/admin=role:boss' }],
]

function page(): string {
  return [
    '# Configuration of the server',
    '',
    'Settings are environment variables. An empty one counts as not set. `COATCHECK_CONFIG` may name a file with lines such as `PORT=3000`; ' +
      'the environment wins over it. The options of the library are [a page of their own](options.md). ' +
      'This page is made from `packages/server/src/config/settings.ts` by `npm run docs`; a test fails when it is stale.',
    '',
    ...tableOf(
      ['variable', 'default', 'meaning', 'takes'],
      names.map((name) => {
        const value = defaultOf(name)
        return [`\`${name}\``, value === null ? 'none' : `\`${value}\``, meaningOf(name), marked(adviceFor(name))]
      }),
    ),
    'More about: [policies and timeouts](../concepts/timeouts.md), [rules of the gate](../guides/gate.md#rules), ' +
      '[proxies](../guides/proxies.md), [mail](../guides/server.md#mail).',
    '',
    '## Errors',
    '',
    'A setting that cannot be used ends the start with exit code 1 and one sentence on standard error, which names it and gives a safe example. ' +
      'The value is not repeated: it may be a secret.',
    '',
    ...tableOf(
      ['what is wrong', 'what is said'],
      errors.map(([what, settings]) => [what, marked(sentenceOf(settings))]),
    ),
    'A name that begins with `COATCHECK_` and is no setting is refused too, with the list of those that there are and the one that was probably meant; ' +
      'so is any other name in the file of `COATCHECK_CONFIG`, and a file that cannot be read.',
  ]
    .join('\n')
    .concat('\n')
}

test('every setting has a meaning', () => {
  expect(names.filter((name) => meaningOf(name) === '')).toEqual([])
})

test('docs/reference/configuration.md is what the settings say of themselves (npm run docs writes it)', async () => {
  await expect(page()).toMatchFileSnapshot(pageAt('configuration.md'))
})
