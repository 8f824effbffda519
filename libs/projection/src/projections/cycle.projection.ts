import type { Failure, LogEvent, Tally } from '@provident/contracts';
import {
  CycleClosed,
  CycleOpened,
  emptyTally,
  ImportCompleted,
  ImportFailed,
  is,
  JobStateChanged,
  PageImported,
} from '@provident/contracts';

import type { Projection } from '../projection.js';
import type { Connection } from '../sql/connection.js';
import type { Flight } from '../sql/flight.js';
import { textArray } from '../sql/arrays.js';
import { upsertRows } from '../sql/upsert-rows.js';
import type { ChangeStep } from '../story/change-stories.js';
import { reduce, reducers, when } from '../when.js';

/** A row of `cycle`, by its column names. */
interface Cycle extends Tally {
  job_id: string;
  cycle_id: string;
  kind: string;
  state: string;
  opened_sequence: number;
  opened_at: string;
  closed_at: string | null;
  import_completed_at: string | null;
  by: unknown;
  total: number | null;
  reevaluated: number;
  balanced: boolean | null;
  failure: unknown;
  drift: unknown;
}

const tallied = Object.keys(emptyTally) as (keyof Tally)[];
const outcomes = tallied.filter((name) => name !== 'read' && name !== 'imported');
const columns = [
  'job_id',
  'cycle_id',
  'kind',
  'state',
  'opened_sequence',
  'opened_at',
  'closed_at',
  'import_completed_at',
  'by',
  'total',
  'reevaluated',
  'balanced',
  'failure',
  'drift',
  ...tallied,
];

/** Nothing lost, nothing twice: the outcomes add up to what was imported, and both sides counted the same. */
const isBalanced = (stated: Tally, counted: Tally): boolean =>
  stated.imported === outcomes.reduce((sum, name) => sum + stated[name], 0) &&
  stated.imported === counted.imported &&
  outcomes.every((name) => stated[name] === counted[name]);

const folding = reducers<Cycle>(
  when(PageImported, (cycle, { data }) => {
    cycle.read = data.read;
    cycle.total = data.total ?? cycle.total;
  }),
  when(ImportCompleted, (cycle, { data, at }) => {
    cycle.read = data.read;
    cycle.reevaluated = data.reevaluated;
    cycle.drift = data.drift ?? null;
    cycle.import_completed_at = at;
  }),
  when(ImportFailed, (cycle, { data }) => {
    cycle.read = data.read;
    cycle.failure = data.failure;
  }),
  when(CycleClosed, (cycle, { data, at }) => {
    cycle.balanced = isBalanced(data.tally, cycle);
    Object.assign(cycle, data.tally);
    cycle.state = data.result;
    cycle.closed_at = at;
    cycle.failure = data.failure;
  }),
);

const isRemoval = (event: LogEvent): boolean => is(event, JobStateChanged) && event.data.state === 'removed';
const jobDeleted: Failure = { kind: 'gone', code: 'job-deleted', message: 'the job was deleted before the cycle ended' };

let lastJob = '';
let lastCycle = '';
let lastKey = '';

/** Most events are of the cycle of the one before. */
function keyOf(jobId: string, cycleId: string): string {
  if (cycleId !== lastCycle || jobId !== lastJob) {
    lastJob = jobId;
    lastCycle = cycleId;
    lastKey = `${jobId}\n${cycleId}`;
  }
  return lastKey;
}
const cycleIdOf = (event: LogEvent): string | undefined => (event.data as { cycleId?: string } | null)?.cycleId;

const remembered = 500;

/** One row per cycle, with a tally that runs until the cycle is closed and is the stated one from then on. */
export class CycleProjection implements Projection {
  readonly name = 'cycle';
  /** Null: not in the database either. */
  private readonly cycles = new Map<string, Cycle | null>();
  private readonly changed = new Set<Cycle>();

  async load(connection: Connection, events: readonly LogEvent[]): Promise<void> {
    const missing = new Map<string, readonly [string, string]>();
    for (const event of events) {
      const cycleId = cycleIdOf(event);
      if (cycleId === undefined) continue;
      const key = keyOf(event.jobId, cycleId);
      if (!this.cycles.has(key)) missing.set(key, [event.jobId, cycleId]);
    }
    await this.loadRunning(connection, events.filter(isRemoval));
    if (missing.size === 0) return;
    for (const key of missing.keys()) this.cycles.set(key, null);
    const { rows } = await connection.query<Cycle>({
      name: 'known-cycles',
      text: `select cycle.* from unnest($1::text[], $2::text[]) wanted (job_id, cycle_id)
             join cycle on cycle.job_id = wanted.job_id and cycle.cycle_id = wanted.cycle_id`,
      values: [textArray([...missing.values()].map(([jobId]) => jobId)), textArray([...missing.values()].map(([, cycleId]) => cycleId))],
    });
    for (const row of rows) this.cycles.set(keyOf(row.job_id, row.cycle_id), row);
  }

  /** Nobody closes the cycle of a job that is deleted, and its removal does not name it. */
  private async loadRunning(connection: Connection, removals: readonly LogEvent[]): Promise<void> {
    if (removals.length === 0) return;
    const { rows } = await connection.query<Cycle>({
      name: 'running-cycles',
      text: `select * from cycle where job_id = any($1) and state = 'running'`,
      values: [textArray(removals.map(({ jobId }) => jobId))],
    });
    for (const row of rows) {
      const key = keyOf(row.job_id, row.cycle_id);
      if (!this.cycles.get(key)) this.cycles.set(key, row);
    }
  }

  /** A sequence before which no event of the cycle can be. */
  openedSequence = (jobId: string, cycleId: string): number => this.cycles.get(keyOf(jobId, cycleId))?.opened_sequence ?? 0;

  hear(event: LogEvent, step: ChangeStep | null): void {
    if (isRemoval(event)) this.breakOff(event);
    const cycleId = cycleIdOf(event);
    if (cycleId === undefined) return;
    const key = keyOf(event.jobId, cycleId);
    if (event.type === CycleOpened.type) this.open(key, event as LogEvent<never>);
    const cycle = this.cycles.get(key);
    if (!cycle) return;
    if (step ? count(cycle, step) : reduce(folding, cycle, event)) this.changed.add(cycle);
  }

  write(flight: Flight): void {
    upsertRows(flight, 'cycle', 2, columns, [...this.changed]);
    this.changed.clear();
    for (const key of this.cycles.keys()) {
      if (this.cycles.size <= remembered) break;
      this.cycles.delete(key);
    }
  }

  forget(): void {
    this.cycles.clear();
    this.changed.clear();
  }

  /** What the cycle did stays counted; what was still under way has no outcome. */
  private breakOff({ jobId, at }: LogEvent): void {
    for (const cycle of this.cycles.values()) {
      if (cycle?.job_id !== jobId || cycle.state !== 'running') continue;
      Object.assign(cycle, { state: 'failed', closed_at: at, failure: jobDeleted });
      this.changed.add(cycle);
    }
  }

  private open(key: string, { jobId, at, sequence, data }: LogEvent<{ cycleId: string; kind: string; by: unknown }>): void {
    const cycle: Cycle = {
      ...emptyTally,
      job_id: jobId,
      cycle_id: data.cycleId,
      kind: data.kind,
      state: 'running',
      opened_sequence: sequence,
      opened_at: at,
      closed_at: null,
      import_completed_at: null,
      by: data.by,
      total: null,
      reevaluated: 0,
      balanced: null,
      failure: null,
      drift: null,
    };
    this.cycles.set(key, cycle);
    this.changed.add(cycle);
  }
}

/** Takes one step into the running tally: a change counts once, under its first attempt's latest outcome. */
function count(cycle: Cycle, { story, begun, attempt, outcomeBefore }: ChangeStep): boolean {
  const countsNow = begun && attempt === 0;
  if (cycle.closed_at !== null || (!countsNow && story.outcome === outcomeBefore)) return false;
  if (countsNow) cycle.imported += 1;
  if (story.outcome !== outcomeBefore) {
    if (outcomeBefore) cycle[outcomeBefore] -= 1;
    if (story.outcome) cycle[story.outcome] += 1;
  }
  return true;
}
