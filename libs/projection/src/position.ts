import type { Connection } from './sql/connection.js';
import type { Statement } from './sql/flight.js';

export const projectionName = 'read-models';
/** Raised with every change that makes rows look different: the projector then rebuilds them from the first event. */
export const projectionVersion = 14;

export interface Position {
  readonly sequence: number;
  /** When the event there happened; null at the very start. */
  readonly at: string | null;
  /** The last event that was projected and could be read, as `landmarkOf` names it; null when nobody noted one. */
  readonly landmark?: string | null;
}

/** The read models were made from another log: the position says nothing about this one. */
export class OtherLog extends Error {
  override readonly name = 'OtherLog';
  constructor(stored: string, current: string) {
    super(`the read models were projected from log ${stored}, but this is log ${current}, which took its place`);
  }
}

/** The rows were written by another version of the projections. */
export class OtherVersion extends Error {
  override readonly name = 'OtherVersion';
  constructor(readonly stored: number) {
    super(`the read models are of version ${stored}, this build writes version ${projectionVersion}: they have to be rebuilt`);
  }
}

/**
 * The position, checked.
 * @param lock held until the end of the transaction: nobody projects meanwhile
 * @throws OtherLog, OtherVersion
 */
export async function readPosition(connection: Connection, log: string, lock = false): Promise<Position> {
  const { rows } = await connection.query<Position & { version: number; log: string }>({
    name: lock ? 'lock-position' : 'read-position',
    text: `select version, log, sequence, at, (select event from landmark where projection = $1) as landmark
           from position where projection = $1${lock ? ' for update' : ''}`,
    values: [projectionName],
  });
  const [row] = rows;
  if (!row) return { sequence: 0, at: null };
  if (row.version !== projectionVersion) throw new OtherVersion(row.version);
  if (row.log !== log) throw new OtherLog(row.log, log);
  return { sequence: row.sequence, at: row.at, landmark: row.landmark ?? null };
}

/** What is there before the first event. */
export const beginPosition = (log: string): Statement => ({
  name: 'begin-position',
  text: 'insert into position (projection, version, log, sequence) values ($1, $2, $3, 0) on conflict do nothing',
  values: [projectionName, projectionVersion, log],
});

/** Moves the position on, and fails (with a division by zero) when it is not where it is thought to be: somebody else was here. */
export const movePosition = (log: string, from: Position, { sequence, at, landmark = null }: Position): Statement => ({
  name: 'move-position',
  text: `with moved as (
           update position set sequence = $5, at = $6 where projection = $1 and version = $2 and log = $3 and sequence = $4 returning 1
         ), marked as (
           insert into landmark (projection, event) select $1, $7 where $7::text is not null on conflict (projection) do update set event = excluded.event
         ) select 1 / count(*) from moved`,
  values: [projectionName, projectionVersion, log, from.sequence, sequence, at, landmark],
});
export const hasMoved = '22012';
