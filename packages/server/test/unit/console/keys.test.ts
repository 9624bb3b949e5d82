import { expect, it } from 'vitest'
import { ownCommand } from '../../../src/console/keys.tsx'

it.each([
  ['/home/ann/coatcheck/packages/server/dist', 'npm run coatcheck -- keys add'],
  ['/srv/app/node_modules/@coatcheck/server/dist', 'coatcheck keys add'],
  ['C:\\app\\node_modules\\coatcheck-server\\dist', 'coatcheck keys add'],
])('from %s the command is called as %s', (folder, command) => {
  expect(ownCommand('keys add', folder)).toBe(command)
})
