import { z } from 'zod'
import { removeEmail, requestEmail } from '../actions/changing-email.ts'
import { changePassword } from '../actions/changing-password.ts'
import { deleteAccount } from '../actions/deleting-account.ts'
import { refused, wasRefused } from '../actions/refusals.ts'
import { languageOf } from '../pages/render.tsx'
import { rememberBrowser } from '../routes/known-browser.ts'
import { linkOriginOf } from '../sessions.ts'
import { type Endpoint, endpoint } from './endpoint.ts'

const text = z.string().max(4_096)
const proof = z.strictObject({ password: text.describe('the present one') })
const PROVEN = ['password-wrong', 'account-disabled', 'too-many-attempts'] as const

/** What one changes of one's own account. The password itself is asked for, so a stolen session alone cannot do it. */
export const ownAccountEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'get',
    path: '/api/account',
    name: 'getAccount',
    summary: 'One’s account',
    needs: 'signed-in',
    body: null,
    status: 200,
    answer: z.object({
      name: z.string(),
      role: z.string(),
      email: z.string().nullable().describe('verified'),
      alerts: z.boolean().describe('whether mails tell of new devices and changes of the password'),
      createdAt: z.iso.datetime(),
    }),
    refusals: [],
    async handle({ services, session }) {
      const account = await services.accounts.read(session.userId ?? '')
      if (account === null) return refused('not-signed-in')
      const { name, role, email, alerts, createdAt } = account
      const address = email?.isVerified === true ? email.address : null
      return { name, role, email: address, alerts, createdAt: new Date(createdAt).toISOString() }
    },
  }),
  endpoint({
    method: 'put',
    path: '/api/account/password',
    name: 'changePassword',
    summary: 'Change the password; all other devices are signed out',
    needs: 'signed-in',
    body: proof.extend({ newPassword: text }),
    status: 204,
    answer: null,
    refusals: [...PROVEN, 'password-short', 'password-long', 'password-forbidden', 'changed-meanwhile'],
    async handle({ services, session, body, address, c }) {
      const outcome = await changePassword(services, session, { ...body, address, language: languageOf(c) })
      if (wasRefused(outcome)) return outcome
      rememberBrowser(c, outcome)
      return undefined
    },
  }),
  endpoint({
    method: 'put',
    path: '/api/account/email',
    name: 'requestEmail',
    summary: 'Send a link to a new address, which counts when the link is opened',
    needs: 'signed-in',
    body: proof.extend({ email: text }),
    status: 204,
    answer: null,
    refusals: [...PROVEN, 'email-unfit', 'mail-unset', 'origin-unset', 'changed-meanwhile'],
    async handle({ services, session, body, address, c }) {
      const given = { ...body, address, origin: linkOriginOf(c), language: languageOf(c) }
      const outcome = await requestEmail(services, session, given)
      return wasRefused(outcome) ? outcome : undefined
    },
  }),
  endpoint({
    method: 'delete',
    path: '/api/account/email',
    name: 'removeEmail',
    summary: 'Take the address away',
    needs: 'signed-in',
    body: proof,
    status: 204,
    answer: null,
    refusals: PROVEN,
    async handle({ services, session, body, address, c }) {
      const outcome = await removeEmail(services, session, { ...body, address, language: languageOf(c) })
      return wasRefused(outcome) ? outcome : undefined
    },
  }),
  endpoint({
    method: 'delete',
    path: '/api/account',
    name: 'deleteAccount',
    summary: 'Delete the account for good, with all its sessions',
    needs: 'signed-in',
    body: proof,
    status: 204,
    answer: null,
    refusals: PROVEN,
    async handle({ services, session, body, address }) {
      const outcome = await deleteAccount(services, session, { ...body, address })
      return wasRefused(outcome) ? outcome : undefined
    },
  }),
]
