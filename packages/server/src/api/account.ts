import { z } from 'zod'
import { LANGUAGES, THEMES } from '../accounts/preferences.ts'
import { setPreferences } from '../actions/preferences.ts'
import { reauthenticate } from '../actions/reauthenticating.ts'
import { wasRefused } from '../actions/refusals.ts'
import { signIn } from '../actions/signing-in.ts'
import { signUp } from '../actions/signing-up.ts'
import { ORDINARY, permissionsOf, rolesWith } from '../roles.ts'
import { knownBrowserOf, rememberBrowser } from '../routes/known-browser.ts'
import { type Call, type Endpoint, endpoint } from './endpoint.ts'

const text = z.string().max(4_096)
const credentials = z.strictObject({ username: text, password: text })
const instant = z.iso.datetime().describe('UTC')

const sessionView = z.object({
  signedIn: z.boolean(),
  user: z
    .object({ name: z.string(), role: z.string(), permissions: z.array(z.string()) })
    .nullable()
    .describe('null where nobody is signed in'),
  session: z
    .object({
      id: z.string().describe('public: it signs nobody in'),
      signedInAt: instant,
      lastActiveAt: instant,
      endsAt: instant.describe('if nothing more happens'),
      expiresAt: instant.describe('in any case'),
    })
    .nullable(),
  ended: z.string().nullable().describe('why an earlier session no longer counts'),
})

const preferences = z.strictObject({
  theme: z.enum(THEMES).nullable().describe('null: as the browser prefers'),
  language: z.enum(LANGUAGES).nullable(),
  alerts: z
    .boolean()
    .optional()
    .describe('tell me by mail of new devices and changes of the password; to turn it off asks for a fresh sign-in'),
})

const isoOf = (at: number | null) => new Date(at ?? Date.now()).toISOString()

function viewOf({ session, services: { config } }: Call<unknown>) {
  const { id, data, signedIn, authenticatedAt, lastSeenAt, endsAt, expiresAt } = session
  if (!signedIn || id === null)
    return { signedIn: false, user: null, session: null, ended: session.ended?.reason ?? null }
  const role = data.role ?? ORDINARY
  return {
    signedIn: true,
    user: { name: data.name ?? '', role, permissions: permissionsOf(role, rolesWith(config.roles)) },
    session: {
      id,
      signedInAt: isoOf(authenticatedAt),
      lastActiveAt: isoOf(lastSeenAt),
      endsAt: isoOf(endsAt),
      expiresAt: isoOf(expiresAt),
    },
    ended: null,
  }
}

/** Accounts, and the session of who calls. */
export const accountEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'get',
    path: '/api/session',
    name: 'getSession',
    summary: 'Who is signed in, and until when',
    needs: 'nobody',
    body: null,
    status: 200,
    answer: sessionView,
    refusals: [],
    handle: async (call) => viewOf(call),
  }),
  endpoint({
    method: 'post',
    path: '/api/sign-up',
    name: 'signUp',
    summary: 'Make an account',
    needs: 'nobody',
    body: credentials.extend({ invitation: text.optional().describe('the code of an invitation') }),
    status: 201,
    answer: z.object({ name: z.string() }),
    refusals: [
      'signed-in-already',
      'sign-up-closed',
      'invitation-needed',
      'invitation-void',
      'name-unfit',
      'name-reserved',
      'name-taken',
      'password-short',
      'password-long',
      'password-forbidden',
      'too-many-attempts',
    ],
    async handle({ services, session, body, address }) {
      if (session.signedIn) return { refused: 'signed-in-already' }
      const outcome = await signUp(services, { ...body, invitation: body.invitation ?? '', address })
      return wasRefused(outcome) ? outcome : { name: outcome.name }
    },
  }),
  endpoint({
    method: 'post',
    path: '/api/sign-in',
    name: 'signIn',
    summary: 'Sign in; the answer sets the cookie',
    needs: 'nobody',
    body: credentials,
    status: 200,
    answer: sessionView,
    refusals: [
      'invalid-credentials',
      'account-disabled',
      'too-many-devices',
      'ended-meanwhile',
      'too-many-attempts',
      'no-cookies-here',
    ],
    async handle(call) {
      const { services, session, body, address, c } = call
      if (services.sessions.withheld(c.req.raw) !== null) return { refused: 'no-cookies-here' }
      const outcome = await signIn(services, session, { ...body, address, knownBrowser: knownBrowserOf(c) })
      if (wasRefused(outcome)) return outcome
      rememberBrowser(c, outcome)
      return viewOf(call)
    },
  }),
  endpoint({
    method: 'post',
    path: '/api/sign-out',
    name: 'signOut',
    summary: 'Sign out; does no harm where nobody is signed in',
    needs: 'nobody',
    body: null,
    status: 204,
    answer: null,
    refusals: [],
    async handle({ session }) {
      await session.signOut()
      return undefined
    },
  }),
  endpoint({
    method: 'post',
    path: '/api/reauthenticate',
    name: 'reauthenticate',
    summary: 'Enter the password again: the session is fresh, with a new cookie',
    needs: 'signed-in',
    body: z.strictObject({ password: text }),
    status: 200,
    answer: sessionView,
    refusals: ['password-wrong', 'account-disabled', 'ended-meanwhile', 'too-many-attempts'],
    async handle(call) {
      const outcome = await reauthenticate(call.services, call.session, { ...call.body, address: call.address })
      return wasRefused(outcome) ? outcome : viewOf(call)
    },
  }),
  endpoint({
    method: 'get',
    path: '/api/preferences',
    name: 'getPreferences',
    summary: 'Theme and language of the pages',
    needs: 'signed-in',
    body: null,
    status: 200,
    answer: preferences,
    refusals: [],
    handle: async ({ session: { data } }) => ({ theme: data.theme ?? null, language: data.language ?? null }),
  }),
  endpoint({
    method: 'put',
    path: '/api/preferences',
    name: 'setPreferences',
    summary: 'Choose theme and language, for all devices',
    needs: 'signed-in',
    body: preferences,
    status: 200,
    answer: preferences,
    refusals: ['not-fresh', 'too-many-attempts'],
    handle: async ({ services, session, body }) => (await setPreferences(services, session, body)) ?? body,
  }),
]
