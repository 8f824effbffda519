import type { Connection } from './sql/connection.js';
import { inTransaction } from './sql/in-transaction.js';

/** The tables that are cut into ranges of the log, at the same places. */
export const partedTables = ['audit_event', 'provisioning_entry'] as const;
export type PartedTable = (typeof partedTables)[number];

/** One range of the log, `from` included and `to` not. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

const dayMs = 86_400_000;
/**
 * A part is about four weeks of the log: small against what is kept, and few of them in a year, for the planner looks at each part that a question might be
 * about. With one a week that took most of the time of a short answer.
 */
const spanMs = 28 * dayMs;
const fewest = 16_384;
const most = 4_194_304;

/**
 * How many events the next part should have room for: four weeks of them at the pace of the last part, and at most four times as many as that had.
 * @param tookMs how long the log took for the last part
 */
export function nextPartSize(last: Part | null, tookMs: number): number {
  if (last === null) return fewest;
  const size = last.to - last.from;
  const wanted = tookMs > 0 ? (size / tookMs) * spanMs : most;
  return Math.round(Math.min(Math.max(wanted, fewest, size / 4), size * 4, most));
}

export const partName = (table: PartedTable, from: number): string => `${table}_${from}`;

/** The parts that there are, the oldest first. Old parts of one table may have become one where the other still has several. */
export async function listParts(connection: Connection, table: PartedTable = partedTables[0]): Promise<Part[]> {
  const { rows } = await connection.query<{ bound: string }>(
    `select pg_get_expr(part.relpartbound, part.oid) as bound from pg_inherits join pg_class part on part.oid = inhrelid
     where inhparent = '${table}'::regclass`,
  );
  return rows.map(({ bound }) => partOf(bound)).sort((one, other) => one.from - other.from);
}

/** `FOR VALUES FROM ('0') TO ('16384')` */
function partOf(bound: string): Part {
  const [, from, to] = /FROM \('(\d+)'\) TO \('(\d+)'\)/.exec(bound) ?? [];
  if (from === undefined || to === undefined) throw new Error(`not a range of the log: ${bound}`);
  return { from: Number(from), to: Number(to) };
}

/**
 * Adds a part to each table, or to none. Readers and writers of the others are not waited for: it is made beside them and then attached, which needs a lock
 * that nobody but another attaching takes.
 */
export async function addPart(connection: Connection, { from, to }: Part): Promise<void> {
  await inTransaction(connection, async () => {
    for (const table of partedTables) {
      await connection.query(`create table ${partName(table, from)} (like ${table} including all)`);
      await connection.query(`alter table ${table} attach partition ${partName(table, from)} for values from (${from}) to (${to})`);
    }
  });
}

/** Where the projector may write. Remembers how far there is room, because every batch asks. */
export class Room {
  private last: Part | null = null;

  /** Makes sure that rows of all events up to this one have a place. A part stays when its batch fails: another comes. */
  async upTo(sequence: number, at: string, connection: Connection): Promise<void> {
    if (this.last !== null && sequence < this.last.to) return;
    let last = (await listParts(connection)).at(-1) ?? null;
    while (last === null || sequence >= last.to) {
      const tookMs = last === null ? 0 : Date.parse(at) - (await beganAt(connection, last, at));
      const from: number = last?.to ?? 0;
      last = { from, to: from + nextPartSize(last, tookMs) };
      await addPart(connection, last);
    }
    this.last = last;
  }

  /** Somebody else may have been here. */
  forget(): void {
    this.last = null;
  }
}

/** When the first event of a part happened, in milliseconds; an empty one begins now. */
async function beganAt(connection: Connection, { from }: Part, now: string): Promise<number> {
  const { rows } = await connection.query<{ at: string }>(`select at from ${partName('audit_event', from)} order by sequence limit 1`);
  return Date.parse(rows[0]?.at ?? now);
}
