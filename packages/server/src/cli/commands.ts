import { backups } from './backups.ts'
import { benchPassword } from './bench-password.ts'
import type { Command } from './command.ts'
import { doctor } from './doctor/doctor.ts'
import { keys } from './keys.ts'
import { migrate } from './migrating.ts'
import { serve } from './serving.ts'
import { sessions } from './sessions.ts'
import { users } from './users.ts'

/** Every command, in the order of the help and of docs/reference/command.md. */
export const COMMANDS: readonly Command[] = [
  serve,
  ...users,
  ...sessions,
  ...keys,
  ...backups,
  migrate,
  doctor,
  benchPassword,
]
