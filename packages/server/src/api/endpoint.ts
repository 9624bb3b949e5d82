import type { Context } from 'hono'
import type { z } from 'zod'
import type { RefusalCode, Refused } from '../actions/refusals.ts'
import type { Environment, Services } from '../environment.ts'
import type { ServerSession } from '../session-data.ts'

/** What an endpoint works with. */
export interface Call<Body> {
  readonly services: Services
  readonly session: ServerSession
  readonly body: Body
  /** The client's address. */
  readonly address: string
  readonly c: Context<Environment>
}

/** One operation of the API: a row of the table that serves it and describes it. */
export interface Endpoint<Body = unknown> {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  /** As OpenAPI writes it: `/api/devices/{id}`. */
  readonly path: string
  /** A name that is unique, for generated clients. */
  readonly name: string
  readonly summary: string
  /** Who may call it: `fresh` is signed in within the last 15 minutes. */
  readonly needs: 'nobody' | 'signed-in' | 'fresh'
  readonly body: z.ZodType<Body> | null
  readonly status: 200 | 201 | 204
  /** What is answered; null: no body. */
  readonly answer: z.ZodType | null
  /** Why it may not be done, besides what `needs` and `body` ask for. */
  readonly refusals: readonly RefusalCode[]
  /** The body of the answer, undefined for none, or why it was not done. */
  readonly handle: (call: Call<Body>) => Promise<object | undefined | Refused>
}

/** Ties the type of the body to that of the handler. */
export const endpoint = <Body>(row: Endpoint<Body>): Endpoint => row as unknown as Endpoint
