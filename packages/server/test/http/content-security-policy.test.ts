import { expect, it } from 'vitest'
import { Client, runningServer } from '../running.ts'

it('lets no page send a form anywhere but here', async () => {
  const client = new Client((await runningServer()).url)
  for (const path of ['/login', '/signup', '/logout', '/nope']) {
    const policy = (await client.get(path)).headers.get('content-security-policy') ?? ''
    const directives = policy.split(';').map((directive) => directive.trim())
    expect(directives, path).toContain("form-action 'self'")
  }
})
