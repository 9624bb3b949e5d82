import { expect, test } from 'vitest'
import { anApp } from '../../core/app.ts'
import { serves } from './apps.ts'

test.each([
  ['a flat list', ['Set-Cookie', 'a=1', 'set-cookie', 'b=2', 'X-Own', '1', 'x-own', '2']],
  [
    'a list of pairs',
    [
      ['Set-Cookie', 'a=1'],
      ['SET-COOKIE', 'b=2'],
      ['x-own', '1'],
      ['X-Own', '2'],
    ],
  ],
  ['a flat list with lists', ['Set-Cookie', ['a=1', 'b=2'], 'x-own', ['1', '2']]],
])('headers that are given as %s all arrive, however they are written', async (_, headers) => {
  const send = await serves['node']!(anApp(), async (open, response) => {
    const session = await open()
    session.data.n = 1
    Reflect.apply(response.writeHead, response, [200, headers])
    response.end()
  })
  const answer = await send({})
  const valuesOf = (wanted: string) => answer.headers.flatMap(([name, value]) => (name === wanted ? [value] : []))
  expect(valuesOf('set-cookie').map((line) => line.split('=')[0])).toEqual(['a', 'b', 'vid'])
  expect(valuesOf('x-own').join(', ')).toBe('1, 2')
})
