/** All that is known of the large tables: each column that questions look rows up by is compared with something. */
const questions = [
  `select from provisioning_entry
   where job_id = '' and object_key = '' and change_id = '' and status = 'failure' and at < now() and troubled_at < now() and last_sequence > 0`,
  `select from audit_event
   where job_id = '' and object_key = '' and change_id = '' and type = '' and activity = '' and at < now() and sequence > 0`,
];

const undefinedTable = '42P01';

/**
 * Lets a new connection learn what it needs to plan questions: about every part of the large tables, and about their indexes. That takes ten times as long as
 * planning one later, and whoever asked first would wait for it.
 */
export async function planBefore(connection: { query(sql: string): Promise<unknown> }): Promise<void> {
  try {
    for (const question of questions) await connection.query(`explain ${question}`);
  } catch (error) {
    // Not migrated yet: whoever asks is told.
    if ((error as { code?: unknown }).code !== undefinedTable) throw error;
  }
}
