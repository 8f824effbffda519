import { type RetentionKind, retentionKinds } from '@provident/domain';

import { listParts, type Part, partName } from '../partitions.js';
import type { Connection } from '../sql/connection.js';
import { type AllHorizons, earliest, type Horizons, horizonValues, latest, withGrace, writeHorizons } from './horizons.js';
import { isBehind, isSettled, tableOf } from './removable.js';

export interface RetentionStep {
  readonly removed: number;
  /** There may be more to remove. */
  readonly isMore: boolean;
}

/** So many rows are removed by one statement. */
const rowsPerStep = 5_000;
/** Parts that go in one step. */
const partsPerStep = 16;
/** What stays of parts that go is written anew, each time: not more than this. */
const mostKept = 20_000;
/** Others are waited for only so long: it is tried again later. */
const lockTimeout = '2s';

/**
 * Removes some of what is not kept any more; called again for as long as there is more. Parts that nobody keeps go as a whole, which costs
 * nothing: what must stay of them is put together into one. Where jobs do not agree, rows go in small batches. Whoever projects waits for each step,
 * and whoever reads only for the moment in which parts go.
 */
export async function removeOld(connection: Connection, wanted: AllHorizons, now: Date): Promise<RetentionStep> {
  await connection.query('begin');
  try {
    await connection.query(`set local lock_timeout to '${lockTimeout}'; set local synchronous_commit to off`);
    await writeHorizons(connection, wanted);
    for (const kind of retentionKinds) {
      if (latest(wanted[kind]) === null) continue;
      await connection.query(`lock table ${tableOf[kind]} in share row exclusive mode`); // what is looked at stays as it is
      const removed =
        (await dropParts(connection, kind, wanted[kind])) || (await deleteRows(connection, kind, withGrace(wanted[kind], now)));
      if (removed === 0) continue;
      await connection.query('commit');
      return { removed, isMore: true };
    }
    await connection.query('commit');
    return { removed: 0, isMore: false };
  } catch (error) {
    await connection.query('rollback');
    if ((error as { code?: unknown }).code !== lockNotAvailable) throw error;
    return { removed: 0, isMore: false };
  }
}

const lockNotAvailable = '55P03';

/** Puts what stays of the oldest parts, which are behind every horizon, into one. @returns how many rows went */
async function dropParts(connection: Connection, kind: RetentionKind, horizons: Horizons): Promise<number> {
  const limit = earliest(horizons);
  if (limit === null) return 0;
  const table = tableOf[kind];
  const old: Part[] = [];
  for (const part of (await listParts(connection, table)).slice(0, -1)) {
    if (old.length === partsPerStep || (await hasRow(connection, partName(table, part.from), 'at >= $1', [limit]))) break;
    old.push(part);
  }
  const [first, last] = [old[0], old.at(-1)];
  if (!first || !last) return 0;
  const values = horizonValues(horizons);
  const goes = `${isBehind(kind, 'r')} and ${isSettled(kind, 'r')}`;
  if (old.length === 1 && !(await hasRow(connection, `${partName(table, first.from)} r`, goes, values))) return 0;
  await connection.query('savepoint parts');
  const kept = `${table}_kept`;
  await connection.query(`create table ${kept} (like ${table} including all)`);
  const [before, after] = [
    await count(
      connection,
      old.map(({ from }) => partName(table, from)),
    ),
    { rows: 0 },
  ];
  for (const { from } of old) {
    const { rows } = await connection.query<{ rows: number }>(
      `with put as (insert into ${kept} select * from ${partName(table, from)} r where not (${goes}) returning 1) select count(*)::integer as rows from put`,
      values,
    );
    after.rows += rows[0]!.rows;
  }
  if (after.rows > Math.max(mostKept, before / 10)) {
    await connection.query('rollback to savepoint parts');
    return 0;
  }
  for (const { from } of old) {
    await connection.query(`alter table ${table} detach partition ${partName(table, from)}`);
    await connection.query(`drop table ${partName(table, from)}`);
  }
  await connection.query(`alter table ${kept} rename to ${partName(table, first.from)}`);
  await connection.query(
    `alter table ${table} attach partition ${partName(table, first.from)} for values from (${first.from}) to (${last.to})`,
  );
  return before - after.rows;
}

/** Removes some rows of one part. @returns how many */
async function deleteRows(connection: Connection, kind: RetentionKind, horizons: Horizons): Promise<number> {
  const limit = latest(horizons);
  if (limit === null) return 0;
  const table = tableOf[kind];
  for (const { from } of await listParts(connection, table)) {
    const part = partName(table, from);
    if (!(await hasRow(connection, part, 'at < $1', [limit]))) continue;
    const { rows } = await connection.query<{ rows: number }>(
      `with gone as (
         delete from ${part} where ctid = any (array(select r.ctid from ${part} r where r.at < $4 and ${isBehind(kind, 'r')} and ${isSettled(kind, 'r')} limit ${rowsPerStep}))
         returning 1)
       select count(*)::integer as rows from gone`,
      [...horizonValues(horizons), limit],
    );
    if (rows[0]!.rows > 0) return rows[0]!.rows;
  }
  return 0;
}

async function hasRow(connection: Connection, from: string, where: string, values: readonly unknown[]): Promise<boolean> {
  const { rows } = await connection.query<{ found: boolean }>(`select exists (select from ${from} where ${where}) as found`, [...values]);
  return rows[0]!.found;
}

async function count(connection: Connection, tables: readonly string[]): Promise<number> {
  const { rows } = await connection.query<{ rows: number }>(
    `select coalesce(sum(rows), 0)::bigint as rows from (${tables.map((table) => `select count(*) as rows from ${table}`).join(' union all ')}) each`,
  );
  return rows[0]!.rows;
}
