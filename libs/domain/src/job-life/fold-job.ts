import type { JobDefinition } from '../job/job-definition.js';
import { canonicalJson } from '../object/canonical-json.js';
import { msOf } from '../object/instant.js';
import type { CycleId } from '../object/ids.js';
import type { JobFact, RemovalsDecided } from './job-fact.js';
import { type HeldRemovals, type JobLife, type RunningCycle, unknownJob } from './job-life.js';
import { onlyKinds, removalKinds } from './removal-kind.js';
import { isDueOnceLifted } from './next-cycle.js';
import { remembered, standingAfterFile, standingOf } from './standing.js';

/** The job's life after one more fact. Facts of a cycle that is not the open one change nothing about it. */
export function foldJob(life: JobLife, fact: JobFact): JobLife {
  return { ...life, ...(folds[fact.type] as Fold<JobFact>)(life, fact) };
}

type Fold<Fact> = (life: JobLife, fact: Fact) => Partial<JobLife>;

const folds: { readonly [Type in JobFact['type']]: Fold<Extract<JobFact, { type: Type }>> } = {
  'job-configured': (life, { sequence, at, data: { revision, definition } }) => ({
    definition,
    revision,
    rules: sequence,
    isRemoved: false,
    ...remembered(standingAfterFile(standingOf(life), definition.schedule.paused, life.definition?.schedule.paused ?? null)),
    ...(!provisionsTheSame(life.definition, definition) && { rulesChanged: { sequence, atMs: msOf(at) } }),
    systemsChanged: namesTheSameSystems(life.definition, definition) ? (life.systemsChanged ?? life.rulesChanged.sequence) : sequence,
  }),

  'job-state-changed': (_, { data: { state } }) => (state === 'removed' ? { ...unknownJob, isRemoved: true } : remembered(state)),

  'job-restarted': (life, { at, data: { scopes } }) => ({
    ...(scopes.includes('quarantine') && { quarantine: null, failedInARow: 0 }),
    ...(scopes.includes('watermark') && { restarted: { atMs: msOf(at) }, readUnder: null }),
    ...(scopes.includes('removals') && { held: life.held.filter(({ until }) => until !== 'person') }),
  }),

  'cycle-opened': (life, { at, data: { cycleId, kind, rules, drift } }) => ({
    // What the cycle before read to its end was not read anew.
    ...(life.restarted && { restarted: null, readUnder: null }),
    ...(life.lastOpenedAtMs === null && { hasImported: false }),
    running: { cycleId, kind, rules, openedAtMs: msOf(at), ...(drift && { drift }), import: { state: 'reading' } },
    lastOpenedAtMs: msOf(at),
    ...(life.liftedAtMs && { liftedAtMs: null }),
  }),

  'import-completed': (life, { data: { cycleId, watermark, imported, linked, weighed } }) =>
    inRunning(life, cycleId, (running) => ({
      watermark,
      ...hasImported(imported),
      // Reading everything looks at every account as well. What broke off has not looked at all of them.
      ...((running.drift || running.kind === 'initial') && { lookedAtAccountsMs: running.openedAtMs }),
      running: { ...running, import: { state: 'completed', imported, linked, ...weighed } },
    })),

  'import-failed': (life, { data: { cycleId, imported, failure } }) =>
    inRunning(life, cycleId, (running) => ({
      ...hasImported(imported),
      running: { ...running, import: { state: 'failed', imported, failure } },
    })),

  'removals-held': (life, { sequence, data: { cycleId, proposed, linked, threshold, until, kinds, members } }) => ({
    held: [
      ...life.held.filter((held) => held.cycleId !== cycleId),
      { cycleId, proposed, linked, threshold, until, ...(kinds && { kinds }), ...(members !== undefined && { members }), since: sequence },
    ],
  }),

  'removals-released': (life, { data }) => ({ held: stillHeld(life.held, data) }),

  'removals-rejected': (life, { data }) => ({ held: stillHeld(life.held, data) }),

  'cycle-closed': (life, { data: { cycleId, result } }) =>
    inRunning(life, cycleId, ({ kind, rules }) => ({
      running: null,
      failedInARow: result === 'failed' ? life.failedInARow + (life.restarted ? 0 : 1) : 0,
      ...(kind === 'initial' && result !== 'failed' && { readUnder: rules }),
    })),

  'job-quarantined': (_, { at, data: { reason, failure, beganAt, count, nextAttemptAt } }) => ({
    quarantine: { reason, failure, beganAtMs: msOf(beganAt), foundAtMs: msOf(at), count, nextAttemptAtMs: msOf(nextAttemptAt) },
  }),

  'job-disabled': () => ({ isDisabled: true }),

  'job-recovered': (life, { at, data: { by } }) => ({
    quarantine: null,
    isDisabled: false,
    failedInARow: 0,
    ...(life.quarantine?.reason === 'connection' && life.running && { running: { ...life.running, connectionForgiven: true } }),
    // Recovered by itself it has just done a cycle.
    ...(by.kind !== 'system' && isDueOnceLifted(life) && { liftedAtMs: msOf(at) }),
  }),
};

/** What waits on after some of it was decided upon. */
function stillHeld(all: readonly HeldRemovals[], { cycleId, proposed = 0, kinds, objectKeys }: RemovalsDecided): HeldRemovals[] {
  return all.flatMap((held) => {
    if (held.cycleId !== cycleId) return [held];
    if (!kinds && !objectKeys) return [];
    const left = held.proposed - proposed;
    if (left <= 0) return [];
    const ofKinds =
      kinds && held.kinds
        ? {
            kinds: onlyKinds(
              held.kinds,
              removalKinds.filter((kind) => !kinds.includes(kind)),
            ),
          }
        : {};
    return [{ ...held, ...ofKinds, proposed: left }];
  });
}

const hasImported = (imported: number): Partial<JobLife> => (imported > 0 ? { hasImported: true } : {});

function inRunning(life: JobLife, cycleId: CycleId, change: (running: RunningCycle) => Partial<JobLife>): Partial<JobLife> {
  return life.running?.cycleId === cycleId ? change(life.running) : {};
}

/** Whether both read, decide and write the same. Schedule, thresholds, retries and names may differ: nobody has to be looked at again for them. */
function provisionsTheSame(one: JobDefinition | null, other: JobDefinition): boolean {
  return namesTheSameSystems(one, other) && canonicalJson(one.objects) === canonicalJson(other.objects);
}

/** Whether both are about the same people and the same accounts: what is known of them then stays true, whatever the rules make of it. */
function namesTheSameSystems(one: JobDefinition | null, other: JobDefinition): one is JobDefinition {
  return one !== null && systemsOf(one) === systemsOf(other);
}

const systemsOf = ({ source, target, objects }: JobDefinition): string =>
  canonicalJson([
    source.connector,
    source.config,
    target.connector,
    target.config,
    objects.map((object) => [object.type, object.source, object.target]),
  ]);
