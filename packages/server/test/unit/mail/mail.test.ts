import { createServer, type Socket } from 'node:net'
import type { SMTPServerOptions } from 'smtp-server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeMail } from '../../../src/mail/mail.ts'
import { certificateFor } from '../../certificate.ts'
import { mailServer } from '../../mail-server.ts'

const MESSAGE = { to: 'alice@example.org', subject: 'Grüße', text: 'Ein Mantel für Sie\n', html: '<p>Ein Mantel</p>' }
const from = 'accounts@example.org'

/** Not taken for this machine, and yet it is. */
const elsewhere = (port: number, login = '') => `smtp://${login}0.0.0.0:${port}`

const certificate = () => certificateFor('mail.example')

const login: SMTPServerOptions = {
  onAuth({ username, password }, _, done) {
    if (username === 'coats' && password === 'p@ss word') done(null, { user: username })
    else done(new Error('nobody by that name'))
  },
}
const refusing: SMTPServerOptions = {
  onRcptTo: (_, __, done) => done(Object.assign(new Error('no alice@example.org here'), { responseCode: 550 })),
}

describe('a mail', () => {
  it('arrives as text and as HTML, and says that a program sent it', async () => {
    const { url, letters } = await mailServer()
    await makeMail({ url, from }).send(MESSAGE)
    expect(letters).toEqual([
      {
        from,
        to: ['alice@example.org'],
        secure: false,
        user: null,
        text: expect.stringContaining('Ein Mantel für Sie'),
      },
    ])
    const [{ text } = { text: '' }] = letters
    expect(text).toContain('<p>Ein Mantel</p>')
    expect(text).toMatch(/^From: Coatcheck <accounts@example\.org>\r$/m)
    expect(text).toMatch(/^Auto-Submitted: auto-generated\r$/m)
  })

  it('goes over STARTTLS with a name and a password, to a mail server with a certificate that counts', async () => {
    const { key, cert } = certificate()
    const { port, letters } = await mailServer({ key, cert, disabledCommands: [], authOptional: false, ...login })
    const url = elsewhere(port, 'coats:p%40ss%20word@')
    await makeMail({ url, from }, { tls: { ca: cert, servername: 'mail.example' } }).send(MESSAGE)
    expect(letters).toEqual([expect.objectContaining({ secure: true, user: 'coats' })])
    for (const tls of [{}, { ca: cert, servername: 'other.example' }]) {
      await expect(makeMail({ url, from }, { tls }).send(MESSAGE)).rejects.toMatchObject({ code: 'ESOCKET' })
    }
    expect(letters).toHaveLength(1)
  })

  it('goes over STARTTLS elsewhere where that is offered, and on this machine as it is', async () => {
    const { key, cert } = certificate()
    const { port, url, letters } = await mailServer({ key, cert, disabledCommands: ['AUTH'] })
    await makeMail({ url: elsewhere(port), from }, { tls: { ca: cert, servername: 'mail.example' } }).send(MESSAGE)
    await makeMail({ url, from }).send(MESSAGE)
    expect(letters.map(({ secure }) => secure)).toEqual([true, false])
  })

  it('goes over TLS from the start where the address says smtps', async () => {
    const { key, cert } = certificate()
    const { port, letters } = await mailServer({ key, cert, secure: true })
    await makeMail({ url: `smtps://127.0.0.1:${port}`, from }, { tls: { ca: cert, servername: 'mail.example' } }).send(
      MESSAGE,
    )
    expect(letters).toEqual([expect.objectContaining({ secure: true })])
  })

  it('is not sent where the password would travel in the clear', async () => {
    const { port, letters } = await mailServer({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true, ...login })
    const url = elsewhere(port, 'coats:p%40ss%20word@')
    await expect(makeMail({ url, from }).send(MESSAGE)).rejects.toMatchObject({ code: expect.stringMatching(/^ETLS/) })
    await makeMail({ url: url.replace('0.0.0.0', '127.0.0.1'), from }).send(MESSAGE)
    expect(letters).toEqual([expect.objectContaining({ secure: false, user: 'coats' })])
  })
})

describe('a mail that is not taken', () => {
  it.each([
    ['a wrong password', 'EAUTH 535', { allowInsecureAuth: true, disabledCommands: ['STARTTLS'], ...login }],
    ['a recipient whom the server does not know', 'EENVELOPE 550', refusing],
  ])('is a fault without words: %s', async (what, code, options) => {
    const { port } = await mailServer(options)
    const who = what.includes('password') ? 'coats:wrong@' : ''
    const fault: unknown = await makeMail({ url: `smtp://${who}127.0.0.1:${port}`, from })
      .send(MESSAGE)
      .catch((e) => e)
    expect(fault).toMatchObject({ name: 'MailError', code })
    expect(fault).not.toHaveProperty('cause')
    expect(String(fault)).not.toMatch(/alice|wrong/)
  })

  it('is a fault where nobody listens, and where the connection is cut', async () => {
    const server = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const url = `smtp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    await expect(makeMail({ url, from }).send(MESSAGE)).rejects.toMatchObject({ name: 'MailError' })
    await new Promise((resolve) => server.close(resolve))
    await expect(makeMail({ url, from }).send(MESSAGE)).rejects.toMatchObject({ code: 'ESOCKET' })
  })

  it.each([
    ['does not greet', 'ETIMEDOUT', { greeting: 50, whole: 5_000 }, ''],
    ['greets and falls silent', 'ETIMEDOUT', { silence: 50, whole: 5_000 }, '220 mail.example\r\n'],
    ['never comes to an end', 'EABORT', { whole: 50 }, ''],
  ])('is given up where the server %s', async (_, code, times, greeting) => {
    const sockets: Socket[] = []
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined).write(greeting)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    })
    const address = server.address()
    const url = `smtp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    await expect(makeMail({ url, from }, { times }).send(MESSAGE)).rejects.toMatchObject({ code })
  })
})
