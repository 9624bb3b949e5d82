#!/usr/bin/env node
import { tooOld } from './node-version.ts'

const fault = tooOld(process.versions.node)
if (fault === null) {
  // Loaded only now, since an older Node fails at it with a stack. Whatever fails in it, it tells and answers by its code.
  void import('./cli/cli.ts')
    .then(({ runCli }) => runCli(process.argv.slice(2)))
    .then((code) => {
      process.exitCode = code
    })
} else {
  process.stderr.write(`${fault}\n`)
  process.exitCode = 2
}
