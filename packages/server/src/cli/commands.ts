import { benchPassword } from './bench-password.ts'
import { type Command, command } from './command.ts'
import { keys } from './keys.ts'
import { sessions } from './sessions.ts'
import { users } from './users.ts'

// What a command works with is loaded when it runs: most of a start is loading, and no help has to wait for it.

const serve = command({
  name: 'serve',
  options: {
    demo: { summary: 'on two accounts and some devices that are gone when it stops' },
    workers: { takes: 'N', summary: 'in so many processes on one port' },
  },
  summary: 'run the server; settings are environment variables',
  details:
    'With --workers one process watches the others: it replaces one that ends by itself, and at SIGHUP all, one after the other, so that no request is lost.',
  json: false,
  examples: [
    'coatcheck serve',
    'PORT=8080 COATCHECK_DATA=/srv/coatcheck coatcheck serve',
    'coatcheck serve --workers 4',
    'coatcheck serve --demo',
  ],
  run: async ({ has, value }) => await (await import('./serving.ts')).serve(has('demo'), value('workers')),
})

const backup = command({
  name: 'backup',
  takes: ['FILE'],
  options: { 'with-keys': { summary: 'copy the signing keys, too, to FILE.keys' } },
  summary: 'copy accounts and sessions as they are at this moment, also while a server runs',
  details:
    'The copy is readable for you alone, and overwrites nothing. The signing keys are a secret of their own and not in it: keep them apart. Without them everybody signs in again after a restore.',
  examples: ['coatcheck backup /backups/coatcheck.db', 'coatcheck backup /backups/coatcheck.db --with-keys'],
  run: async (given) => await (await import('./backups.ts')).backUp(given),
})

const restore = command({
  name: 'restore',
  takes: ['FILE'],
  options: {
    'with-keys': { summary: 'also accept the signing keys of FILE.keys' },
    'keep-sessions': { summary: 'leave the sessions as they were at the backup' },
  },
  summary: 'put a backup in the place of the database',
  details:
    'No server may run on the folder, which has to be there and may be empty. The database as it is now is kept beside it, under a name that ends in .before-restore. All sessions of the backup are ended, because those that had ended since would be alive again; with --keep-sessions they stay as they were.',
  asks: 'accounts and sessions of after the backup are gone',
  examples: [
    'coatcheck restore /backups/coatcheck.db',
    'coatcheck restore /backups/coatcheck.db --with-keys --keep-sessions --yes',
  ],
  run: async (given) => await (await import('./backups.ts')).putBack(given),
})

const storeCopy = command({
  name: 'store copy',
  options: {
    to: { takes: 'URL', summary: 'where the sessions move to: sqlite:PATH, or the address of a Redis' },
    from: { takes: 'URL', summary: 'where they are' },
  },
  summary: 'copy all sessions to another store, also while servers work with both',
  details:
    'Without options it copies from COATCHECK_STORE_MOVING_FROM to where the settings have the sessions; without --from, from there. Servers that run have to work with both stores before it begins, and none with the old one alone: docs/guides/moving.md. What is there already stays as it is, so it may be broken off and called again, and goes on where it was. In the end all is compared.',
  examples: [
    'coatcheck store copy',
    'coatcheck store copy --to redis://127.0.0.1:6379',
    'coatcheck store copy --from redis://127.0.0.1:6379 --to sqlite:/srv/coatcheck/coatcheck.db',
  ],
  run: async (given) => await (await import('./store-copying.ts')).copySessions(given),
})

const migrate = command({
  name: 'migrate',
  summary: 'bring the tables up to date',
  details:
    'A server does so when it starts. Tables of an earlier version are changed in one step, and the database as it was is kept beside it before, as coatcheck.db.v<accounts>.<sessions>.backup.',
  examples: ['coatcheck migrate', 'coatcheck migrate --json'],
  run: async (given) => await (await import('./migrating.ts')).migrate(given),
})

const doctor = command({
  name: 'doctor',
  summary: 'look for what is wrong, and say what to do',
  details:
    'It looks at settings, origin and proxy, certificate, mail server, Redis, clock, rights of files, keys, database, versions and disk, and changes nothing. The settings have to be those of the server. The exit code is 0 where all is well, 1 where something is not.',
  examples: ['coatcheck doctor', 'COATCHECK_DATA=/srv/coatcheck coatcheck doctor --json'],
  run: async (given) => await (await import('./doctor/doctor.ts')).examine(given),
})

/** Every command, in the order of the help and of docs/reference/command.md. */
export const COMMANDS: readonly Command[] = [
  serve,
  ...users,
  ...sessions,
  ...keys,
  backup,
  restore,
  storeCopy,
  migrate,
  doctor,
  benchPassword,
]
