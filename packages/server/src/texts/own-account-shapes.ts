// What each language has to say of the pages of one's own account, and in mails.

/** The account's own pages, and those of a forgotten password. */
export interface OwnAccountTexts {
  readonly title: string
  readonly lead: string
  readonly currentPassword: string
  readonly newPassword: string
  readonly devices: { readonly title: string; readonly hint: string }
  readonly password: {
    readonly title: string
    readonly hint: string
    readonly button: string
    readonly changed: string
  }
  readonly email: {
    readonly title: string
    readonly hint: string
    readonly label: string
    readonly present: (address: string) => string
    readonly none: string
    readonly set: string
    readonly setButton: string
    readonly remove: string
    readonly removeButton: string
    readonly sent: (address: string) => string
    readonly removed: string
    readonly verifyTitle: string
    readonly verifyQuestion: (address: string, name: string) => string
    readonly verifyButton: string
    readonly verified: (address: string) => string
  }
  readonly deletion: {
    readonly title: string
    readonly hint: string
    readonly warning: (name: string) => string
    readonly button: string
    readonly done: string
  }
  readonly reset: {
    readonly link: string
    readonly title: string
    readonly lead: string
    readonly button: string
    readonly sent: string
    readonly chooseTitle: string
    readonly chooseLead: (name: string) => string
    readonly chooseButton: string
    readonly done: string
    readonly voidTitle: string
    readonly again: string
  }
}

/** A mail: what it is about, its paragraphs, and what stands on the link where it has one. */
export interface MailText {
  readonly subject: string
  readonly paragraphs: readonly string[]
  readonly link: string | null
  readonly closing: string
}

export interface MailTexts {
  readonly greeting: string
  /** Names nobody: whoever gets it need not know whoever typed the address. */
  readonly verify: MailText
  readonly reset: (name: string) => MailText
  /** `place`: device and network. */
  readonly newDevice: (name: string, place: string) => MailText
  readonly passwordChanged: (name: string) => MailText
  readonly emailChanged: (name: string) => MailText
  readonly alertsOff: (name: string) => MailText
}
