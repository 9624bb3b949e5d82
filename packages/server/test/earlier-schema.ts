import { DatabaseSync } from 'node:sqlite'
import { LATEST } from '../src/accounts/migrations.ts'

/** The version of the sessions' tables before the latest. */
export const EARLIER = LATEST.sessions - 1

export function change(path: string, work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(path)
  work(database)
  database.close()
}

/** Undoes the step to the latest version of the sessions' tables. */
export const toEarlierSessions = (path: string) =>
  change(path, (database) =>
    database.exec(`
      ALTER TABLE coatcheck_sessions RENAME COLUMN min_generation TO auth_generation;
      ALTER TABLE coatcheck_namespaces RENAME COLUMN last_change TO last_revocation;
      DROP TABLE coatcheck_notes;
      DROP TABLE coatcheck_changes;
      CREATE TABLE coatcheck_revocations (namespace INTEGER NOT NULL, seq INTEGER NOT NULL, scope TEXT NOT NULL,
        subject TEXT, at INTEGER NOT NULL, reason TEXT NOT NULL, keep_until INTEGER NOT NULL, PRIMARY KEY (namespace, seq))
        WITHOUT ROWID;
      CREATE INDEX coatcheck_revocations_keep ON coatcheck_revocations (namespace, keep_until);
      DROP TABLE coatcheck_epochs;
      CREATE TABLE coatcheck_epochs (namespace INTEGER NOT NULL, user_id TEXT NOT NULL, epoch INTEGER NOT NULL,
        PRIMARY KEY (namespace, user_id)) WITHOUT ROWID;
      DELETE FROM coatcheck_schema WHERE version = ${LATEST.sessions}`),
  )
