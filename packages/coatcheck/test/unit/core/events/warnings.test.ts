import { expect, test } from 'vitest'
import { makeWarnOnce } from '../../../../src/core/events/warnings.ts'
import { anApp } from '../app.ts'

test('says each thing once, and what has one key once, whatever its words', () => {
  const said: string[] = []
  const warnOnce = makeWarnOnce((text) => said.push(text))
  for (const text of ['a', 'b', 'a']) warnOnce(text)
  for (const text of ['c', 'd']) warnOnce(text, 'one kind')
  expect(said).toEqual(['a', 'b', 'c'])
})

test('falls silent after so many things, instead of remembering them without end', () => {
  const said: string[] = []
  const warnOnce = makeWarnOnce((text) => said.push(text))
  for (let i = 0; i < 1_000; i++) warnOnce(String(i))
  expect(said).toHaveLength(100)
})

test('hosts that a client makes up bring one hint at a proxy, not one each', async () => {
  const { sessions, warnings } = anApp()
  for (const host of ['a.example', 'b.example', 'c.example']) {
    const headers = new Headers({ origin: `https://${host}` })
    await sessions.csrfFault({ method: 'POST', url: `http://${host}/`, headers })
  }
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain("origin: 'https://a.example'")
})
