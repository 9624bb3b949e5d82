#!/usr/bin/env node
// The command `coatcheck` belongs to the session server. Where only the library is installed, this says so; where both
// are, and npm gave the name to this one, the server's command runs.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Where this file is, and under which path it was called: package managers that link packages tell these apart. */
const places = [import.meta.url, process.argv[1] ?? import.meta.url]

/** @param {string} place @returns {string | null} the manifest of the server beside us; null where there is none */
function manifestFrom(place) {
  try {
    return createRequire(place).resolve('@coatcheck/server/package.json')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return null
    throw error
  }
}

const manifest = places.map(manifestFrom).find((path) => path !== null)

if (manifest === undefined) {
  process.stderr.write(
    'coatcheck is the command of the session server, and only the library is installed here: npm install @coatcheck/server\n',
  )
  process.exitCode = 2
} else {
  const { bin } = createRequire(manifest)(manifest)
  void import(pathToFileURL(join(dirname(manifest), bin.coatcheck)).href)
}
