/** A field of a body: one that has to be there, one that is not known, or one that is something else than asked for. */
export interface BodyFault {
  readonly field: string
  readonly fault: 'missing' | 'unknown' | 'unfit'
}

/** Why an action was not done, with the status of its answer. A closed vocabulary: texts and API go by these codes. */
export const REFUSALS = {
  'not-signed-in': 401,
  'not-fresh': 401,
  'invalid-credentials': 401,
  'name-unfit': 400,
  'name-reserved': 400,
  'name-taken': 409,
  'password-short': 400,
  'password-long': 400,
  'password-forbidden': 400,
  'sign-up-closed': 403,
  'invitation-needed': 403,
  'invitation-void': 410,
  'signed-in-already': 409,
  'account-disabled': 403,
  'ended-meanwhile': 409,
  'too-many-devices': 409,
  'too-many-attempts': 429,
  'setup-code-wrong': 403,
  'setup-code-void': 403,
  'role-unknown': 400,
  'nobody-there': 404,
  'no-such-device': 404,
  'no-cookies-here': 403,
  'not-json': 415,
  'body-unfit': 400,
  'password-wrong': 403,
  'changed-meanwhile': 409,
  'email-unfit': 400,
  'email-taken': 409,
  'code-void': 410,
  'mail-unset': 403,
  'origin-unset': 403,
} as const

export type RefusalCode = keyof typeof REFUSALS

/** An action that was not done. */
export interface Refused {
  readonly refused: RefusalCode
  /** Whole seconds until it may be tried again. */
  readonly retryAfter?: number
  /** Of `body-unfit`: what is wrong in the body. */
  readonly faults?: readonly BodyFault[]
}

export const refused = (code: RefusalCode, retryAfter?: number): Refused =>
  retryAfter === undefined ? { refused: code } : { refused: code, retryAfter }

export const wasRefused = (outcome: object): outcome is Refused => 'refused' in outcome
