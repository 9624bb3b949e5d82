/** A command that was not done, in a sentence for who typed it. */
export class CliError extends Error {
  override readonly name = 'CliError'
  /** 1: it could not be done; 2: it was not understood. */
  readonly exitCode: 1 | 2
  /** The command whose help shows how it is done; '' where all of them do. */
  readonly command: string

  constructor(message: string, exitCode: 1 | 2 = 1, command = '') {
    super(message)
    this.exitCode = exitCode
    this.command = command
  }
}

/** A command that was not done, for a reason that another process has told already. */
export class ToldError extends Error {
  override readonly name = 'ToldError'
  readonly exitCode: number

  constructor(exitCode: number, options?: ErrorOptions) {
    super('Another process has said why.', options)
    this.exitCode = exitCode
  }
}
