import { readModelTables } from '@provident/read-model';

import type { Connection } from './sql/connection.js';

/** Empties all read models, the position included: what follows is a replay from the first event. */
export async function resetReadModels(connection: Connection): Promise<void> {
  await connection.query(`truncate ${readModelTables.join(', ')}`);
}
