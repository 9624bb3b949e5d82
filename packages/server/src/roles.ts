import type { Roles } from './config/values.ts'

export const ADMINISTRATOR = 'admin'
/** Who makes an account without an invitation has this role. */
export const ORDINARY = 'user'

/** The roles of the settings, with the two that are always there; an administrator may do everything. */
export const rolesWith = (configured: Roles): Roles =>
  new Map([
    [ORDINARY, []],
    ...configured,
    [ADMINISTRATOR, [...new Set(['*', ...(configured.get(ADMINISTRATOR) ?? [])])]],
  ])

/** What a role may do as the settings have it now; nothing where there is no such role any more. */
export const permissionsOf = (role: string, roles: Roles): readonly string[] => roles.get(role) ?? []
