import { addAccount } from '../../src/actions/administering.ts'
import { Client, dataFolder, PASSWORD, type RunningOptions, runningServer } from '../running.ts'

/** An administrator, and alice with two devices. */
export async function staffed(options: RunningOptions = {}) {
  const roles = new Map([['editor', ['articles:write']]])
  const { url, services } = await runningServer(dataFolder(), { roles, ...options })
  const [admin, desk, phone] = [new Client(url), new Client(url), new Client(url)]
  await addAccount(services, { username: 'chief', password: PASSWORD, role: 'admin' })
  await admin.signIn('chief')
  await desk.signUp('alice')
  await desk.signIn('alice')
  await phone.signIn('alice')
  const id = (await services.accounts.find('alice'))?.id ?? ''
  const see = (client: Client) => client.seen(client.get('/dashboard'))
  const act = (name: string, fields = {}) => admin.seen(admin.post(`/admin/users/${id}/${name}`, fields))
  return { url, services, admin, desk, phone, id, see, act }
}
