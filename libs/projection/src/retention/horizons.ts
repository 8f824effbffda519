import { laterHorizon, type RetentionKind, retentionKinds } from '@provident/domain';

import type { Connection } from '../sql/connection.js';

/** From when on something is kept, of the jobs that are named and of all others: UTC instants; null for ever. */
export interface Horizons {
  readonly jobs: ReadonlyMap<string, string | null>;
  readonly others: string | null;
}

export type AllHorizons = Readonly<Record<RetentionKind, Horizons>>;

/** The row of the jobs that have none of their own. */
const others = '';

/** What was removed so far, as it is written down: in the connection's own schema, or another. */
export async function readHorizons(connection: Connection, schema?: string): Promise<AllHorizons> {
  const { rows } = await connection.query<{ job_id: string; kind: RetentionKind; kept_since: string }>(
    `select job_id, kind, kept_since from ${schema === undefined ? '' : `"${schema}".`}retention_horizon`,
  );
  const of = (kind: RetentionKind): Horizons => {
    const mine = rows.filter((row) => row.kind === kind);
    return {
      jobs: new Map(mine.filter(({ job_id }) => job_id !== others).map(({ job_id, kept_since }) => [job_id, kept_since])),
      others: mine.find(({ job_id }) => job_id === others)?.kept_since ?? null,
    };
  };
  return { log: of('log'), events: of('events') };
}

/** Writes down what is about to be removed. A horizon never goes back: what lies before it is gone. */
export async function writeHorizons(connection: Connection, wanted: AllHorizons): Promise<void> {
  for (const kind of retentionKinds) {
    const { jobs, others: rest } = wanted[kind];
    const rows = [...jobs, [others, rest] as const].filter((row): row is [string, string] => row[1] !== null);
    if (rows.length === 0) continue;
    await connection.query(
      `insert into retention_horizon as known (job_id, kind, kept_since)
       select job_id, $3, kept_since from unnest($1::text[], $2::timestamptz[]) as wanted (job_id, kept_since)
       on conflict (job_id, kind) do update set kept_since = greatest(known.kept_since, excluded.kept_since)`,
      [rows.map(([jobId]) => jobId), rows.map(([, keptSince]) => keptSince), kind],
    );
  }
}

/** The earliest of all: what lies before it is kept of nobody. Null when somebody keeps everything. */
export function earliest({ jobs, others: rest }: Horizons): string | null {
  const all = [...jobs.values(), rest];
  return all.reduce((first, each) => (first === null || each === null ? null : each < first ? each : first));
}

/** The latest of all: what lies behind it is kept of everybody. Null when everybody keeps everything. */
export const latest = ({ jobs, others: rest }: Horizons): string | null => [...jobs.values(), rest].reduce(laterHorizon, null);

const dayMs = 86_400_000;

/** A little further back, so that what will go away as a whole before long is not removed row by row: a tenth of the time, at most a week. */
export function withGrace({ jobs, others: rest }: Horizons, now: Date): Horizons {
  const back = (horizon: string | null): string | null => {
    if (horizon === null) return null;
    const at = Date.parse(horizon);
    return new Date(at - Math.min(7 * dayMs, Math.max(0, now.getTime() - at) / 10)).toISOString();
  };
  return { jobs: new Map([...jobs].map(([jobId, horizon]) => [jobId, back(horizon)])), others: back(rest) };
}

/** As parameters of a query: jobs, their horizons, and that of all others; for ever is before everything. */
export const horizonValues = ({ jobs, others: rest }: Horizons): [string[], string[], string] => [
  [...jobs.keys()],
  [...jobs.values()].map((horizon) => horizon ?? '-infinity'),
  rest ?? '-infinity',
];
