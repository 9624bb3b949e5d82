import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { BATCH, inBatches } from './batches.ts'
import type { Database } from './database.ts'
import { reached } from './faults.ts'

/** How long an answer is given again, in milliseconds. */
const KEPT = 60_000
/** How long a post may be under way; who comes later does it again, since the process may have been killed. */
const LONGEST_WORK = 30_000
const CIPHER = 'aes-256-gcm'
const IV = 12
const TAG = 16

/** What tells a form of a browser from every other, such as its path, the browser's cookie and the form's value: secrets. */
export type FormSecrets = readonly string[]

/** A post that nobody has made before; `keep` is called once, with its answer, or null where that is not to be given again. */
export interface FirstPost {
  readonly isFirst: true
  readonly keep: (answer: string | null) => Promise<void>
}

/** A post that was made already, perhaps in another process. Null where no answer was kept in the end. */
export interface RepeatedPost {
  readonly isFirst: false
  readonly answer: () => Promise<string | null>
}

/**
 * Forms that were sent, in the database, so that all processes know of them. A row is found, and its answer read, by the
 * form's secrets alone, which the database does not hold: so nobody signs in by what stands in it, or tries passwords on it.
 * Every call may throw an AccountsOutageError.
 */
export interface SentForms {
  /** A post with other fields takes the place of the one before. */
  readonly send: (form: FormSecrets, typed: string) => Promise<FirstPost | RepeatedPost>
  readonly sweep: (signal?: AbortSignal) => Promise<void>
}

/** `every`: how often who waits for the answer of another process looks for it, in milliseconds. */
export function makeSentForms(db: Database, now: () => number = Date.now, every = 100): SentForms {
  const waitFor = async ({ id, fields, key }: Derived): Promise<string | null> => {
    const query = db
      .selectFrom('sent_forms')
      .select(['answer', 'until'])
      .where('id', '=', id)
      .where('fields', '=', fields)
    for (;;) {
      const row = await reached(() => query.executeTakeFirst())
      if (row === undefined || row.until <= now()) return null
      if (row.answer !== null) return decrypted(key, row.answer)
      await pause(every)
    }
  }
  return {
    async send(form, typed) {
      const derived = derive(form, typed)
      const { id, fields, key } = derived
      const owner = randomBytes(16).toString('base64url')
      const until = now() + LONGEST_WORK
      // One statement, so that of two processes one is the first.
      const { rows } = await reached(() =>
        sql`
          INSERT INTO sent_forms (id, fields, owner, answer, until) VALUES (${id}, ${fields}, ${owner}, NULL, ${until})
          ON CONFLICT (id) DO UPDATE SET fields = excluded.fields, owner = excluded.owner, answer = NULL, until = excluded.until
          WHERE sent_forms.fields <> excluded.fields OR sent_forms.until <= ${now()} RETURNING owner`.execute(db),
      )
      if (rows.length === 0) return { isFirst: false, answer: () => waitFor(derived) }
      return {
        isFirst: true,
        async keep(answer) {
          // Another post may have taken its place.
          if (answer === null) {
            const query = db.deleteFrom('sent_forms').where('id', '=', id).where('owner', '=', owner)
            await reached(() => query.execute())
            return
          }
          const kept = { answer: encrypted(key, answer), until: now() + KEPT }
          const query = db.updateTable('sent_forms').set(kept).where('id', '=', id).where('owner', '=', owner)
          await reached(() => query.execute())
        },
      }
    },
    async sweep(signal) {
      const old = db.selectFrom('sent_forms').select('id').where('until', '<=', now()).limit(BATCH)
      const query = db.deleteFrom('sent_forms').where('id', 'in', old)
      await inBatches(async () => Number((await reached(() => query.executeTakeFirst())).numDeletedRows), { signal })
    },
  }
}

interface Derived {
  readonly id: string
  readonly fields: string
  readonly key: Buffer
}

function derive(form: FormSecrets, typed: string): Derived {
  const secret = JSON.stringify(form)
  const of = (purpose: string) => createHmac('sha256', secret).update(purpose).digest()
  return {
    id: of('id').toString('base64url'),
    fields: createHmac('sha256', of('fields')).update(typed).digest('base64url'),
    key: of('answer'),
  }
}

function encrypted(key: Buffer, text: string): string {
  const iv = randomBytes(IV)
  const cipher = createCipheriv(CIPHER, key, iv)
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), data]).toString('base64url')
}

function decrypted(key: Buffer, text: string): string {
  const bytes = Buffer.from(text, 'base64url')
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV))
  decipher.setAuthTag(bytes.subarray(IV, IV + TAG))
  return Buffer.concat([decipher.update(bytes.subarray(IV + TAG)), decipher.final()]).toString('utf8')
}
