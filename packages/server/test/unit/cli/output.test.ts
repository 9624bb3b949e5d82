import { WriteStream } from 'node:tty'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { makeOutput } from '../../../src/cli/output.ts'
import { openProgress } from '../../../src/cli/progress.ts'

/** A standard stream that keeps what is written; as a terminal that knows colours, wherever the tests run, or as a pipe. */
function stream(isTTY: boolean): { readonly stream: NodeJS.WriteStream; readonly text: () => string } {
  let text = ''
  const made: NodeJS.WriteStream = Object.create(process.stdout, {
    isTTY: { value: isTTY },
    write: {
      value(chunk: string) {
        text += chunk
        return true
      },
    },
    getColorDepth: {
      value: () => (isTTY ? WriteStream.prototype.getColorDepth({ TERM: 'xterm-256color', ...noColour() }) : 1),
    },
  })
  return { stream: made, text: () => text }
}

function noColour(): NodeJS.ProcessEnv {
  const { NO_COLOR } = process.env
  return NO_COLOR === undefined ? {} : { NO_COLOR }
}

const ROWS = [
  { name: 'alice', role: 'admin', at: 1, is: true, none: null },
  { name: 'b', role: 'user', at: 22, is: false, none: null },
]

function printed(isTTY: boolean, isJson: boolean, print: (output: ReturnType<typeof makeOutput>) => void) {
  const [out, err] = [stream(isTTY), stream(isTTY)]
  print(makeOutput(isJson, out.stream, err.stream))
  return [out.text(), err.text()]
}

describe('rows', () => {
  test('in a pipe have tabs and no names', () => {
    const [text] = printed(false, false, ({ rows }) => rows(ROWS))
    expect(text).toBe('alice\tadmin\t1\ttrue\t-\nb\tuser\t22\tfalse\t-\n')
  })

  test('for programs are JSON, on a terminal too', () => {
    const [text] = printed(true, true, ({ rows }) => rows(ROWS))
    expect(
      text
        ?.trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(ROWS)
  })

  test('on a terminal have columns, and names once', () => {
    const [text = ''] = printed(true, false, ({ rows }) => {
      rows(ROWS)
      rows([])
      rows(ROWS)
    })
    const lines = stripVTControlCharacters(text).split('\n')
    expect(lines[0]).toBe('name   role   at  is     none')
    expect(lines[1]).toBe('alice  admin  1   true   -')
    expect(lines).toHaveLength(6)
  })

  test('on a terminal words stand out, and NO_COLOR keeps colours away', () => {
    const print = () => printed(true, false, ({ rows }) => rows([{ state: 'wrong', at: 1 }]))[0]
    onTestFinished(() => void vi.unstubAllEnvs())
    vi.stubEnv('FORCE_COLOR', undefined)
    vi.stubEnv('NO_COLOR', undefined)
    expect(print()).toContain('\u001B[31mwrong\u001B[39m  1\n')
    vi.stubEnv('NO_COLOR', '1')
    expect(print()).toBe('state  at\nwrong  1\n')
  })

  test("what is somebody else's text moves no cursor", () => {
    const [text] = printed(false, false, ({ rows }) => rows([{ device: 'a\u001B[2J\tb\nc\u202Ed' }]))
    expect(text).toBe('a\uFFFD[2J\uFFFDb\uFFFDc\uFFFDd\n')
  })
})

test('sentences and bars are for people', () => {
  const tell = ({ say, progress }: ReturnType<typeof makeOutput>) => {
    say('Done.')
    progress('Copying').at(1, 2)
  }
  expect(printed(true, true, tell)).toEqual(['', ''])
  expect(printed(false, false, tell)).toEqual(['', 'Done.\n'])
  expect(printed(true, false, tell)[1]).toContain('Copying  [###############...............] 50 %')
})

test('a bar is drawn once for each change, and taken away', () => {
  const { stream: terminal, text } = stream(true)
  const progress = openProgress('Copying', terminal)
  progress.at(5, 0)
  progress.at(5, 0)
  progress.end()
  progress.end()
  expect(text()).toBe('\r\u001B[KCopying  5\r\u001B[K')
})
