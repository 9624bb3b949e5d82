/** The mail server did not take a mail. Says neither to whom it was nor what was in it. */
export class MailError extends Error {
  override readonly name = 'MailError'
  /** Such as `ECONNECTION`, `EAUTH`, or `EENVELOPE 550` with the server's own reply code. */
  readonly code: string

  constructor(code: string) {
    super(`The mail server did not take a mail (${code}).`)
    this.code = code
  }
}
