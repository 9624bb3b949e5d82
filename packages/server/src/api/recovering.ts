import { z } from 'zod'
import { isRefusal } from '../accounts/attempts.ts'
import { setUpAdministrator } from '../actions/administering.ts'
import { verifyEmail } from '../actions/changing-email.ts'
import { countedFrom, limitsOf } from '../actions/limits.ts'
import { refused, wasRefused } from '../actions/refusals.ts'
import { requestReset, resetPassword } from '../actions/resetting-password.ts'
import { languageOf } from '../pages/render.tsx'
import { knownBrowserOf } from '../routes/known-browser.ts'
import { linkOriginOf } from '../sessions.ts'
import { type Endpoint, endpoint } from './endpoint.ts'

const text = z.string().max(4_096)
const PASSWORD = ['password-short', 'password-long', 'password-forbidden'] as const

/** What is done with a code from a mail, or from where the server was started; nobody has to be signed in. */
export const recoveringEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'post',
    path: '/api/forgot',
    name: 'requestReset',
    summary: 'Send a link for another password; answered alike whether there is such an account',
    needs: 'nobody',
    body: z.strictObject({ username: text.describe('a name or a verified address') }),
    status: 204,
    answer: null,
    refusals: ['mail-unset', 'origin-unset', 'too-many-attempts'],
    async handle({ services, body, address, c }) {
      const given = {
        ...body,
        address,
        knownBrowser: knownBrowserOf(c),
        origin: linkOriginOf(c),
        language: languageOf(c),
      }
      return (await requestReset(services, given)) ?? undefined
    },
  }),
  endpoint({
    method: 'post',
    path: '/api/reset',
    name: 'resetPassword',
    summary: 'Set another password by the code of a mail; ends all sessions',
    needs: 'nobody',
    body: z.strictObject({ code: text, password: text }),
    status: 204,
    answer: null,
    refusals: ['code-void', 'account-disabled', ...PASSWORD],
    async handle({ services, body, address, c }) {
      const outcome = await resetPassword(services, { ...body, address, language: languageOf(c) })
      return wasRefused(outcome) ? outcome : undefined
    },
  }),
  endpoint({
    method: 'post',
    path: '/api/verify',
    name: 'verifyEmail',
    summary: 'Make an address the account’s by the code of a mail',
    needs: 'nobody',
    body: z.strictObject({ code: text }),
    status: 200,
    answer: z.object({ address: z.string() }),
    refusals: ['code-void', 'email-taken'],
    handle: async ({ services, body, c }) => await verifyEmail(services, body.code, languageOf(c)),
  }),
  endpoint({
    method: 'post',
    path: '/api/setup',
    name: 'setUp',
    summary: 'Make the first administrator by the code that the start prints',
    needs: 'nobody',
    body: z.strictObject({ code: text, username: text, password: text }),
    status: 201,
    answer: z.object({ name: z.string() }),
    refusals: [
      'setup-code-wrong',
      'setup-code-void',
      'name-unfit',
      'name-reserved',
      'name-taken',
      ...PASSWORD,
      'too-many-attempts',
      'no-cookies-here',
    ],
    async handle({ services, body, address, c }) {
      if (services.sessions.withheld(c.req.raw) !== null) return refused('no-cookies-here')
      const counted = await services.attempts.take(countedFrom('set-up', address, limitsOf(services.config).setUps))
      if (isRefusal(counted)) return refused('too-many-attempts', counted.retryAfter)
      if (await services.accounts.hasAdministrator()) return refused('setup-code-void')
      const outcome = await setUpAdministrator(services, { ...body, address })
      return wasRefused(outcome) ? outcome : { name: outcome.name }
    },
  }),
]
