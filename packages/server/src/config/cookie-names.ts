/**
 * The server's cookies beside that of the session, by their usual names: browsers that are known, the session before a sign-in,
 * forms that are sent twice, and what the library keeps for tokens of forms before a sign-in. The session's cookie takes none
 * of these names, because another server of the host may have them.
 */
export const BESIDE = ['known', 'vid', 'form', 'pre'] as const

/** A cookie has its name from the list, so none is missing there. */
export type BesideName = (typeof BESIDE)[number]
