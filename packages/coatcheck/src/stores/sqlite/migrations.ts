import { StoreUnavailableError } from '../../errors.ts'
import { inTransaction, prepare, type SqliteDatabase } from './database.ts'

/**
 * The schema, step by step; a step that was released is never changed. The tables stand beside those of the application,
 * so each has our prefix and the version is kept in a table of ours.
 *
 * Sessions have a rowid, because new rows then go to the end of the table and fill its pages; ids are random. `due_at`
 * is at or before the deadline of an open session (a touch does not move it, the sweep does) and `keepUntil` of an ended
 * one, so each session is in one of two partial indexes. A user's open sessions are in a third.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE coatcheck_namespaces (
    namespace INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    anonymous INTEGER NOT NULL DEFAULT 0,
    signed_in INTEGER NOT NULL DEFAULT 0,
    ended INTEGER NOT NULL DEFAULT 0,
    last_epoch INTEGER NOT NULL DEFAULT 0,
    epoch_of_all INTEGER NOT NULL DEFAULT 0,
    last_revocation INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE coatcheck_sessions (
    seq INTEGER PRIMARY KEY,
    namespace INTEGER NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    user_id TEXT,
    generation INTEGER NOT NULL,
    auth_generation INTEGER NOT NULL,
    secret_hash TEXT NOT NULL,
    predecessor TEXT,
    data TEXT NOT NULL,
    schema INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    authenticated_at INTEGER,
    renewed_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    idle_for INTEGER,
    persistent INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    assurance TEXT,
    address TEXT,
    user_agent TEXT,
    label TEXT,
    binding TEXT,
    version INTEGER NOT NULL,
    ended TEXT,
    due_at INTEGER NOT NULL,
    UNIQUE (namespace, id)
  );
  CREATE INDEX coatcheck_sessions_user ON coatcheck_sessions (namespace, user_id, created_at)
    WHERE ended IS NULL AND user_id IS NOT NULL;
  CREATE INDEX coatcheck_sessions_open ON coatcheck_sessions (namespace, due_at) WHERE ended IS NULL;
  CREATE INDEX coatcheck_sessions_ended ON coatcheck_sessions (namespace, due_at) WHERE ended IS NOT NULL;
  CREATE TABLE coatcheck_epochs (
    namespace INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    PRIMARY KEY (namespace, user_id)
  ) WITHOUT ROWID;
  CREATE TABLE coatcheck_revocations (
    namespace INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    scope TEXT NOT NULL,
    subject TEXT,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    keep_until INTEGER NOT NULL,
    PRIMARY KEY (namespace, seq)
  ) WITHOUT ROWID;
  CREATE INDEX coatcheck_revocations_keep ON coatcheck_revocations (namespace, keep_until);
  `,
  // SQLite gives the number of the last row again when that row was removed, and "up to this row" would then name one
  // that came later. AUTOINCREMENT would copy the table and write a page more for each session.
  `
  CREATE TABLE coatcheck_last_removed (seq INTEGER NOT NULL);
  INSERT INTO coatcheck_last_removed (seq) SELECT coalesce(max(seq), 0) FROM coatcheck_sessions;
  `,
  `
  CREATE TABLE coatcheck_marks (
    namespace INTEGER NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    until INTEGER,
    PRIMARY KEY (namespace, name)
  ) WITHOUT ROWID;
  `,
  // The log of endings becomes one of changes, and each user has a second number. What was logged before concerns tokens of
  // this store alone, which are looked up, so its counts are not known and not needed.
  `
  CREATE TABLE coatcheck_changes (
    namespace INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    subject TEXT,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    keep_until INTEGER NOT NULL,
    PRIMARY KEY (namespace, seq)
  ) WITHOUT ROWID;
  INSERT INTO coatcheck_changes SELECT namespace, seq, 'ended', scope, subject, at, reason, 0, keep_until
    FROM coatcheck_revocations;
  DROP TABLE coatcheck_revocations;
  CREATE INDEX coatcheck_changes_keep ON coatcheck_changes (namespace, keep_until);
  ALTER TABLE coatcheck_namespaces RENAME COLUMN last_revocation TO last_change;
  ALTER TABLE coatcheck_epochs RENAME TO coatcheck_old_epochs;
  CREATE TABLE coatcheck_epochs (
    namespace INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    end_epoch INTEGER NOT NULL,
    forget_at INTEGER,
    PRIMARY KEY (namespace, user_id)
  ) WITHOUT ROWID;
  INSERT INTO coatcheck_epochs SELECT namespace, user_id, epoch, epoch, NULL FROM coatcheck_old_epochs;
  DROP TABLE coatcheck_old_epochs;
  CREATE INDEX coatcheck_epochs_forget ON coatcheck_epochs (namespace, forget_at) WHERE forget_at IS NOT NULL;
  ALTER TABLE coatcheck_sessions RENAME COLUMN auth_generation TO min_generation;
  CREATE TABLE coatcheck_notes (
    namespace INTEGER NOT NULL,
    scope TEXT NOT NULL,
    subject TEXT NOT NULL,
    keep_until INTEGER NOT NULL,
    PRIMARY KEY (namespace, scope, subject)
  ) WITHOUT ROWID;
  CREATE INDEX coatcheck_notes_keep ON coatcheck_notes (namespace, keep_until);
  `,
]

/** The version that this code brings a file to. */
export const SCHEMA_VERSION = MIGRATIONS.length

/**
 * Brings the file to the latest schema. Several processes may do it at once: each takes the lock, looks again, and does
 * what is left. A file that is up to date is only read.
 * @throws StoreUnavailableError where the file is of a newer schema than this code knows.
 */
export function migrate(database: SqliteDatabase, operation: string, steps = MIGRATIONS): void {
  if (refuseNewer(versionOf(database), steps.length, operation) === steps.length) return
  inTransaction(database, () => {
    database.exec('CREATE TABLE IF NOT EXISTS coatcheck_schema (version INTEGER PRIMARY KEY)')
    const version = refuseNewer(versionOf(database), steps.length, operation)
    const note = prepare(database, 'INSERT INTO coatcheck_schema (version) VALUES (?)')
    for (const [index, step] of steps.entries()) {
      if (index < version) continue
      database.exec(step)
      note.run(index + 1)
    }
  })
}

function versionOf(database: SqliteDatabase): number {
  const tables = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'coatcheck_schema'"
  if (firstNumber(database, tables) === 0) return 0
  return firstNumber(database, 'SELECT coalesce(max(version), 0) FROM coatcheck_schema')
}

function firstNumber(database: SqliteDatabase, sql: string): number {
  const [value] = prepare(database, sql).get() as [number]
  return value
}

function refuseNewer(version: number, known: number, operation: string): number {
  if (version <= known) return version
  throw new StoreUnavailableError(
    operation,
    `store.${operation}: the sessions were written by a newer Coatcheck (schema ${version}, this one knows ${known}): ` +
      'update it here too.',
  )
}
