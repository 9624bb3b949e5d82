import { prepare, type SqliteDatabase } from './database.ts'
import { COLUMNS, MUTABLE_COLUMNS } from './rows.ts'

/** The highest number that a session has ever had, so far as it matters: those after the last removed one are all there. */
const LAST_SEQ = `SELECT max(coalesce((SELECT max(seq) FROM coatcheck_sessions), 0),
  (SELECT seq FROM coatcheck_last_removed))`

export type Statements = ReturnType<typeof prepareAll>

/**
 * Every statement of the store, prepared once. The namespace's number stands in the text, not among the values: one
 * value less to bind at each read, and the partial indexes are found. Terms with `+` keep the planner from walking over
 * the whole table in the order of `seq`.
 */
export function prepareAll(database: SqliteDatabase, namespace: number) {
  const columns = COLUMNS.join(', ')
  const sessions = `FROM coatcheck_sessions WHERE namespace = ${namespace}`
  const openOfUser = `${sessions} AND user_id = ? AND ended IS NULL`
  const clear = "data = '', predecessor = NULL, address = NULL, user_agent = NULL, label = NULL, binding = NULL"
  const isDue = `SELECT 1 ${sessions} AND due_at <= ?1`
  const changes = `FROM coatcheck_changes WHERE namespace = ${namespace}`
  const epochs = `FROM coatcheck_epochs WHERE namespace = ${namespace}`
  const notes = `FROM coatcheck_notes WHERE namespace = ${namespace}`
  const marks = `FROM coatcheck_marks WHERE namespace = ${namespace}`
  const sql = {
    read: `SELECT ${columns} ${sessions} AND id = ?`,
    insert: `INSERT INTO coatcheck_sessions (namespace, seq, id, due_at, ${columns})
      VALUES (${namespace}, (${LAST_SEQ}) + 1, ?, ?, ${COLUMNS.map(() => '?').join(', ')})`,
    // Columns in an index are left out: naming them would write the index anew, changed or not.
    save: `UPDATE coatcheck_sessions SET ${MUTABLE_COLUMNS.map((name) => `${name} = ?`).join(', ')}
      WHERE namespace = ${namespace} AND id = ?`,
    saveDue: `UPDATE coatcheck_sessions SET due_at = ? WHERE namespace = ${namespace} AND id = ?`,
    finish: `UPDATE coatcheck_sessions SET ended = ?, due_at = ?, ${clear} WHERE namespace = ${namespace} AND id = ?`,

    rivals: `SELECT id, created_at, last_seen_at, idle_for, expires_at ${openOfUser} ORDER BY seq`,
    openOfUser: `SELECT seq, id, ${columns} ${openOfUser} AND id IS NOT ? AND +seq > ? AND +seq <= ? ORDER BY seq LIMIT ?`,
    list: `SELECT seq, id, ${columns} ${openOfUser} ORDER BY created_at DESC, id DESC LIMIT ?`,
    listAfter: `SELECT seq, id, ${columns} ${openOfUser} AND created_at <= ?2 AND (created_at < ?2 OR id < ?3)
      ORDER BY created_at DESC, id DESC LIMIT ?4`,
    scan: `SELECT seq, id, ${columns} ${sessions} AND seq > ? ORDER BY seq LIMIT ?`,
    lastSeq: LAST_SEQ,
    saveLastRemoved: 'UPDATE coatcheck_last_removed SET seq = ?1 WHERE seq < ?1',

    finishSome: `UPDATE coatcheck_sessions SET ended = ?, due_at = ?, ${clear} WHERE seq IN
      (SELECT seq ${sessions} AND ended IS NULL AND +seq <= ? LIMIT ?) RETURNING user_id IS NULL`,
    due: `SELECT seq, id, ${columns} ${sessions} AND ended IS NULL AND due_at <= ? ORDER BY due_at LIMIT ?`,
    removeKept: `DELETE FROM coatcheck_sessions WHERE seq IN
      (SELECT seq ${sessions} AND ended IS NOT NULL AND due_at <= ? ORDER BY due_at LIMIT ?)`,
    anyDue: `SELECT EXISTS (${isDue} AND ended IS NULL) OR EXISTS (${isDue} AND ended IS NOT NULL)
      OR EXISTS (SELECT 1 ${changes} AND keep_until <= ?1) OR EXISTS (SELECT 1 ${epochs} AND forget_at <= ?1)`,

    epoch: `SELECT max(epoch_of_all, coalesce(epoch, 0)), max(epoch_of_all, coalesce(end_epoch, 0))
      FROM coatcheck_namespaces n LEFT JOIN coatcheck_epochs e ON e.namespace = n.namespace AND e.user_id = ?
      WHERE n.namespace = ${namespace}`,
    saveEpoch: `INSERT INTO coatcheck_epochs (namespace, user_id, epoch, end_epoch, forget_at)
      VALUES (${namespace}, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET epoch = excluded.epoch,
      end_epoch = excluded.end_epoch, forget_at = max(coalesce(forget_at, 0), excluded.forget_at)`,
    removeEpochs: `DELETE FROM coatcheck_epochs WHERE namespace = ${namespace} AND user_id IN
      (SELECT user_id ${epochs} AND epoch <= ? LIMIT ?)`,
    forgetEpochs: `DELETE FROM coatcheck_epochs WHERE namespace = ${namespace} AND user_id IN
      (SELECT user_id ${epochs} AND forget_at <= ? ORDER BY forget_at LIMIT ?)`,

    epochs: `SELECT user_id, epoch, end_epoch, forget_at ${epochs} AND user_id >= ? ORDER BY user_id LIMIT ?`,

    changes: `SELECT seq, kind, scope, subject, at, reason, count, keep_until ${changes} AND seq > ? ORDER BY seq LIMIT ?`,
    log: `INSERT INTO coatcheck_changes (namespace, seq, kind, scope, subject, at, reason, count, keep_until)
      VALUES (${namespace}, ?, ?, ?, ?, ?, ?, ?, ?)`,
    removeChanges: `DELETE FROM coatcheck_changes WHERE namespace = ${namespace} AND seq IN
      (SELECT seq ${changes} AND keep_until <= ? ORDER BY keep_until LIMIT ?)`,
    noted: `SELECT keep_until ${notes} AND scope = ? AND subject = ?`,
    saveNote: `INSERT INTO coatcheck_notes (namespace, scope, subject, keep_until) VALUES (${namespace}, ?, ?, ?)
      ON CONFLICT DO UPDATE SET keep_until = excluded.keep_until`,
    removeNotes: `DELETE ${notes} AND (scope, subject) IN
      (SELECT scope, subject ${notes} AND keep_until <= ? ORDER BY keep_until LIMIT ?)`,

    mark: `SELECT text ${marks} AND name = ? AND (until IS NULL OR until > ?)`,
    saveMark: `INSERT INTO coatcheck_marks (namespace, name, text, until) VALUES (${namespace}, ?, ?, ?)
      ON CONFLICT DO UPDATE SET text = excluded.text, until = excluded.until`,
    removeMarks: `DELETE ${marks} AND until <= ?`,

    ledger: `SELECT anonymous, signed_in, ended, last_epoch, epoch_of_all, last_change
      FROM coatcheck_namespaces WHERE namespace = ${namespace}`,
    saveLedger: `UPDATE coatcheck_namespaces SET anonymous = ?, signed_in = ?, ended = ?, last_epoch = ?,
      epoch_of_all = ?, last_change = ? WHERE namespace = ${namespace}`,
  }
  const prepared = Object.entries(sql).map(([name, text]) => [name, prepare(database, text)] as const)
  return Object.fromEntries(prepared) as { readonly [name in keyof typeof sql]: ReturnType<typeof prepare> }
}
