import type { SynchronizationJob, SynchronizationStatus, SynchronizationTaskExecution } from '@provident/contracts';
import { durationMs, type JobDefinition, type JobLife } from '@provident/domain';

import type { CycleRecord } from '../../cycle-view.js';
import { NotFound, query, type ReadModels } from '../../database.js';
import { getJobStatus } from '../../get-job-status.query.js';

type Status = Awaited<ReturnType<typeof getJobStatus>>;

/** What stands for "never" where an instant must stand. */
const never = '0001-01-01T00:00:00Z';

interface LifeRow {
  readonly life: JobLife;
  readonly configured_at: string;
}

/** A job's definition as applied, and how its life went. @throws NotFound */
export async function jobLife(models: ReadModels, jobId: string): Promise<{ life: JobLife; definition: JobDefinition }> {
  const [row] = await query<LifeRow>(models, `select life, configured_at from job where job_id = $1 and state <> 'removed'`, [jobId]);
  if (!row?.life.definition) throw new NotFound(`there is no job ${jobId}`);
  return { life: row.life, definition: row.life.definition };
}

/** A job as Graph shows it, with its status. @throws NotFound */
export async function getSynchronizationJob(models: ReadModels, jobId: string): Promise<SynchronizationJob> {
  const [{ life, definition }, status, runs] = await Promise.all([
    jobLife(models, jobId),
    getJobStatus(models, jobId, null),
    findRuns(models, jobId),
  ]);
  const { schedule, thresholds, target } = definition;
  return {
    id: jobId,
    templateId: target.connector,
    schedule: {
      expiration: null,
      interval: isoDuration(durationMs(schedule.every)),
      state: scheduleState(status),
    },
    status: statusOf(status, life, runs, definition),
    synchronizationJobSettings: [
      { name: 'QuarantineTooManyDeletesThreshold', value: String(thresholds.removals.count) },
      { name: 'QuarantineTooManyDeletesPercentage', value: String(thresholds.removals.percent) },
    ],
  };
}

interface Runs {
  readonly last: CycleRecord | null;
  readonly succeeded: CycleRecord | null;
  readonly exporting: CycleRecord | null;
  /** The first cycle that left nothing unread. */
  readonly first: CycleRecord | null;
  /** The latest that did not fail. */
  readonly steady: CycleRecord | null;
}

/** Each is one step into an index of the job's cycles, or a few. */
async function findRuns(models: ReadModels, jobId: string): Promise<Runs> {
  const one = async (which: string, order: 'asc' | 'desc' = 'desc'): Promise<CycleRecord | null> => {
    const [row] = await query<CycleRecord>(
      models,
      `select * from cycle where job_id = $1 and closed_at is not null and ${which} order by opened_sequence ${order} limit 1`,
      [jobId],
    );
    return row ?? null;
  };
  const [last, succeeded, exporting, first, steady] = await Promise.all([
    one('true'),
    one(`state = 'succeeded'`),
    one(`state = 'succeeded' and created + updated + disabled + deleted > 0`),
    one(`kind = 'initial' and state <> 'failed'`, 'asc'),
    one(`state <> 'failed'`),
  ]);
  return { last, succeeded, exporting, first, steady };
}

function scheduleState({ state, lastCycle }: Status): SynchronizationJob['schedule']['state'] {
  if (state === 'disabled') return 'Disabled';
  if (state === 'paused' || state === 'stopped') return lastCycle ? 'Paused' : 'Disabled';
  return 'Active';
}

/** A job that was disabled is in quarantine still: only its schedule says that it is not tried any more. Graph has no word for stopped but paused. */
const codes = {
  'not-run': 'NotRun',
  active: 'Active',
  paused: 'Paused',
  stopped: 'Paused',
  quarantine: 'Quarantine',
  disabled: 'Quarantine',
} as const;
const reasons: Readonly<Record<string, NonNullable<SynchronizationStatus['quarantine']>['reason']>> = {
  connection: 'EncounteredQuarantineException',
  'failure-count': 'EncounteredBaseEscrowThreshold',
  'failure-total': 'EncounteredTotalEscrowThreshold',
  'failure-proportion': 'EncounteredEscrowProportionThreshold',
  'too-many-removals': 'TooManyDeletes',
};

/** Nobody has let it run yet, as with a job that was just made from a template. */
const waitsForItsFirst = ({ state, lastCycle, running }: Status): boolean =>
  (state === 'paused' || state === 'stopped') && lastCycle === null && running === null;

const statusOf = (status: Status, life: JobLife, runs: Runs, { objects }: JobDefinition): SynchronizationStatus => ({
  code: waitsForItsFirst(status) ? 'NotConfigured' : codes[status.state],
  countSuccessiveCompleteFailures: life.failedInARow,
  escrowsPruned: false,
  lastExecution: execution(runs.last),
  lastSuccessfulExecution: execution(runs.succeeded),
  lastSuccessfulExecutionWithExports: execution(runs.exporting),
  progress: progressOf(status),
  quarantine: status.quarantine && {
    reason: reasons[status.quarantine.reason] ?? 'Unknown',
    currentBegan: runs.last?.closed_at ?? status.quarantine.beganAt,
    nextAttempt: status.quarantine.nextAttemptAt,
    seriesBegan: status.quarantine.beganAt,
    seriesCount: status.quarantine.count,
    error: { code: life.quarantine?.failure.code ?? 'Unknown', message: status.quarantine.message, tenantActionable: true },
  },
  steadyStateFirstAchievedTime: runs.first?.closed_at ?? never,
  steadyStateLastAchievedTime: runs.steady?.closed_at ?? never,
  synchronizedEntryCountByType: objects.map(({ type, source, target }) => ({
    key: `${source} to ${target}`,
    value: status.linked[type] ?? 0,
  })),
  troubleshootingUrl: '',
});

function progressOf({ running, freshness }: Status): SynchronizationStatus['progress'] {
  if (!running) return [];
  const { read } = running.tally;
  return [
    {
      completedUnits: read,
      totalUnits: Math.max(running.total ?? read, read),
      units: 'objects',
      progressObservationDateTime: freshness.at,
    },
  ];
}

const states = { succeeded: 'Succeeded', 'entry-level-errors': 'EntryLevelErrors', failed: 'Failed' } as const;

function execution(cycle: CycleRecord | null): SynchronizationTaskExecution | null {
  if (!cycle || cycle.state === 'running') return null;
  const exported = cycle.created + cycle.updated + cycle.disabled + cycle.deleted;
  const entitled = cycle.imported - cycle.skipped;
  return {
    activityIdentifier: cycle.cycle_id,
    state: states[cycle.state],
    timeBegan: cycle.opened_at,
    timeEnded: cycle.closed_at ?? never,
    countEntitled: entitled,
    countEntitledForProvisioning: entitled,
    countEscrowed: cycle.escrowed,
    countEscrowedRaw: cycle.escrowed,
    countExported: exported,
    countExports: exported + cycle.escrowed + cycle.held,
    countImported: cycle.read,
    countImportedDeltas: cycle.imported,
    countImportedReferenceDeltas: 0,
    error: cycle.failure && { code: cycle.failure.code, message: cycle.failure.message, tenantActionable: true },
  };
}

/** `PT40M`, `P1D`, `PT1H30M` */
function isoDuration(ms: number): string {
  const units = [
    ['H', 3_600_000],
    ['M', 60_000],
    ['S', 1_000],
  ] as const;
  const days = Math.floor(ms / 86_400_000);
  let rest = ms % 86_400_000;
  let time = '';
  for (const [unit, length] of units) {
    const count = Math.floor(rest / length);
    rest %= length;
    if (count > 0) time += `${count}${unit}`;
  }
  return `P${days > 0 ? `${days}D` : ''}${time === '' ? '' : `T${time}`}`;
}
