import { expect, test } from 'vitest'
import { pageAt } from '../../../coatcheck/test/reference/page.ts'
import { COMMANDS } from '../../src/cli/commands.ts'
import { helpOf, helpOfAll } from '../../src/cli/help.ts'

const block = (text: string) => ['```text', text.trimEnd(), '```', ''].join('\n')

/** The page about the command: what it prints about itself. */
function page(): string {
  return [
    '# The command',
    '',
    'What `coatcheck --help` and the help of each command print. In this repository it is called by `npm run coatcheck -- …`. ' +
      'What the commands are good for is in [the guide of the server](../guides/server.md).',
    '',
    block(helpOfAll(COMMANDS)),
    'Results go to standard output: columns on a terminal, separated by tabs elsewhere, and with `--json` one JSON object a line. ' +
      'Everything else goes to standard error. Times are in UTC. Colours and progress bars appear on terminals only; `NO_COLOR` keeps colours away.',
    '',
    'No password, token or key is ever printed, or taken as an argument.',
    '',
    ...COMMANDS.flatMap((one) => [`## ${one.name}`, '', block(helpOf(one))]),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

test('docs/reference/command.md is what the commands say of themselves (npm run docs writes it)', async () => {
  await expect(page()).toMatchFileSnapshot(pageAt('command.md'))
})
