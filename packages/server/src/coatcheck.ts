#!/usr/bin/env node
import { runCli } from './cli/cli.ts'

// Whatever fails in it, it tells and answers by its code.
void runCli(process.argv.slice(2)).then((code) => {
  process.exitCode = code
})
