// A CommonJS application gets the built package by `require`, as it would after an installation.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from './workspace.ts'

const APPLICATION = `
const { createServer } = require('node:http')
const express = require('express')
const { createSessions } = require('coatcheck')
const { memoryStore } = require('coatcheck/stores/memory')
const { expressSessions } = require('coatcheck/adapters/express')

const sessions = createSessions({ store: memoryStore(), keys: 'a-signing-key-of-commonjs-0123456789' })
const app = express()
app.use(expressSessions(sessions))
app.get('/', (request, response) => {
  request.session.data.n = (request.session.data.n ?? 0) + 1
  response.json(request.session.data)
})
const server = createServer(app).listen(0, '127.0.0.1', async () => {
  const url = 'http://localhost:' + server.address().port
  const first = await fetch(url)
  const cookie = first.headers.getSetCookie()[0].split(';')[0]
  const second = await fetch(url, { headers: { cookie } })
  console.log(JSON.stringify([await first.json(), await second.json()]))
  server.closeAllConnections()
  server.close()
})
`

test('an Express application in CommonJS has sessions by require', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'coatcheck-commonjs-'))
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'application.cjs'), APPLICATION)
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['application.cjs'], {
      cwd: folder,
      timeout: 15_000,
    })
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual([{ n: 1 }, { n: 2 }])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
