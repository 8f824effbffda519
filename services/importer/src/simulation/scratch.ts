import { type ObjectKey, simulationIdAt } from '@provident/domain';
import type { DataSource } from 'typeorm';

const prefix = 'simulation:';
const tables = [
  'seen',
  'seen_membership',
  'read_group',
  'listed_value',
  'listed_account',
  'claimed_account',
  'simulated_account',
  'simulated_reference',
  'simulated_membership',
] as const;

/** Under which name a simulation keeps its scratch. No job is called so: a running cycle of the same job keeps its own. */
export const scratchOf = (simulationId: string): string => `${prefix}${simulationId}`;

/** Removes what one simulation kept, and what those that began before `oldest` left behind when their process died. */
export async function clearScratch(database: DataSource, simulationId: string, oldest: Date): Promise<void> {
  for (const table of tables) {
    await database.query(`DELETE FROM ${table} WHERE job_id LIKE $1 OR (job_id LIKE $2 AND job_id COLLATE "C" < $3)`, [
      `${scratchOf(simulationId)}%`,
      `${prefix}%`,
      scratchOf(simulationIdAt(oldest)),
    ]);
  }
}

/** Accounts that people of one simulation were found to have by matching: a real cycle would have linked them. */
export class Claims {
  constructor(
    private readonly database: DataSource,
    private readonly scratch: string,
    private readonly simulationId: string,
  ) {}

  async add(claimed: readonly { readonly targetId: string; readonly objectKey: ObjectKey }[]): Promise<void> {
    if (claimed.length === 0) return;
    await this.database.query(
      'INSERT INTO claimed_account (job_id, cycle_id, target_id, object_key) SELECT $1, $2, * FROM unnest($3::text[], $4::text[]) ON CONFLICT DO NOTHING',
      [this.scratch, this.simulationId, claimed.map(({ targetId }) => targetId), claimed.map(({ objectKey }) => objectKey)],
    );
  }

  async findOwners(targetIds: readonly string[]): Promise<Map<string, ObjectKey>> {
    const rows = await this.database.query<{ targetId: string; objectKey: ObjectKey }[]>(
      'SELECT target_id AS "targetId", object_key AS "objectKey" FROM claimed_account WHERE job_id = $1 AND cycle_id = $2 AND target_id = ANY($3)',
      [this.scratch, this.simulationId, targetIds],
    );
    return new Map(rows.map((row) => [row.targetId, row.objectKey]));
  }

  async count(): Promise<number> {
    const [row] = await this.database.query<[{ count: string }]>(
      'SELECT count(*) FROM claimed_account WHERE job_id = $1 AND cycle_id = $2',
      [this.scratch, this.simulationId],
    );
    return Number(row.count);
  }
}
