import type { Services } from '../../src/environment.ts'
import { linkIn, mailServer } from '../mail-server.ts'
import { Client, dataFolder, PASSWORD, runningServer } from '../running.ts'

type Around = (services: Services) => Partial<Services>

/** A server that sends mails, and the mail server that gets them. */
export async function serverWithMail(around: Around = () => ({}), data = dataFolder()) {
  const mails = await mailServer()
  let services: Services | null = null
  const { url } = await runningServer(data, {
    smtp: mails.url,
    around: (its) => {
      services = { ...its, ...around(its) }
      return services
    },
  })
  return { ...mails, mailUrl: mails.url, url, data, services: services as unknown as Services }
}

/** Signs up, signs in, and makes an address the account's, by the link of the mail. */
export async function aliceWithAddress(
  { url, arrived, letters }: Awaited<ReturnType<typeof serverWithMail>>,
  address = 'alice@example.org',
): Promise<Client> {
  const client = new Client(url)
  await client.signUp('alice')
  await client.signIn('alice')
  await setAddress(client, address)
  await client.post('/verify', { code: codeIn(await arrived(1)) })
  letters.length = 0
  return client
}

export const setAddress = (client: Client, email: string, password = PASSWORD) =>
  client.seen(client.post('/account/email', { email, password }))

/** The code of the link in a mail. */
export const codeIn = (letter: Parameters<typeof linkIn>[0]): string => linkIn(letter).split('code=')[1] ?? ''
