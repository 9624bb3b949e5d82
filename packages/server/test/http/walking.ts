import { Client } from '../running.ts'

/** What a visitor does that is to be measured: signs up, mistypes the password, signs in, and asks for what is not there. */
export async function walk(url: string): Promise<Client> {
  const client = new Client(url)
  await client.signUp('alice')
  await client.signIn('alice', 'not the password')
  await client.signIn('alice')
  await client.get('/account/sessions?code=secret-in-a-query')
  await client.get('/nowhere/at/all')
  return client
}
