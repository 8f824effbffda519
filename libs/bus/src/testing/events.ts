import {
  type EventDefinition,
  JobConfigured,
  type Lane,
  ObjectExported,
  RetryDue,
  type Stage,
  configLane,
  subjectOf,
} from '@provident/contracts';
import { type JobId, asChangeId, asCycleId, asJobId, objectKeyOf } from '@provident/domain';
import { job } from '@provident/domain/testing';

import type { EventLog, NewEvent } from '../event-log.js';

export const aJob: JobId = asJobId('people-to-app');
export const anInstant = '2026-03-01T08:00:00.000Z';

/** Facts of one object; `anchor` tells objects apart. */
export const objectFacts = (
  anchor = '1001',
  more: Partial<{ attempt: number; round: number; cycleId: string; jobId: JobId; rules: number }> = {},
) => {
  const { attempt = 0, round = 0, cycleId = 'c-1', jobId = aJob, rules = 1 } = more;
  const changeId = asChangeId(`${cycleId}.${anchor}`);
  return { jobId, cycleId: asCycleId(cycleId), changeId, objectKey: objectKeyOf('user', anchor), rules, attempt, round };
};

/** Any event, about to be appended; every part can be replaced. */
export function newEvent<Data>(
  definition: EventDefinition<string, Data>,
  data: Data,
  more: Partial<Omit<NewEvent, 'definition' | 'data'>> = {},
): NewEvent {
  const { objectKey, jobId } = data as { objectKey?: string; jobId?: string };
  const about = objectKey ?? jobId ?? 'nothing';
  const whole = {
    jobId: aJob,
    lane: '0',
    stage: 'escrow-retrier' as Stage,
    id: `${definition.type}.${about}`,
    at: anInstant,
    cause: 0,
    position: 0,
    about,
  };
  return { ...whole, ...more, definition: definition as EventDefinition, data };
}

/** A small event about one object. */
export const retryDue = (anchor = '1001', more: Partial<Omit<NewEvent, 'definition' | 'data'>> = {}): NewEvent =>
  newEvent(
    RetryDue,
    { ...objectFacts(anchor), sourceId: anchor, firstFailedAt: anInstant, wokenBy: 'ladder' },
    { id: `retry.${anchor}`, ...more },
  );

/** An event that carries a brief. */
export const exported = (anchor = '1001', more: Partial<Omit<NewEvent, 'definition' | 'data'>> = {}): NewEvent =>
  newEvent(
    ObjectExported,
    { ...objectFacts(anchor), sourceId: anchor, action: 'create', targetId: `t-${anchor}`, changes: [], enabled: false, durationMs: 1 },
    { stage: 'exporter', id: `export.${anchor}`, ...more },
  );

export const subjectOfEvent = ({ jobId, lane, stage }: NewEvent): string => subjectOf(jobId, lane, stage);

/** Appends behind whatever stands there: for what other services said before a spec begins. */
export async function tell(log: EventLog, ...events: readonly NewEvent[]): Promise<number[]> {
  const expected = new Map<string, number>();
  for (const subject of new Set(events.map(subjectOfEvent))) expected.set(subject, (await log.findLast(subject))?.sequence ?? 0);
  return log.append(events, expected);
}

/** The subject on which a stage speaks in a lane of the job of these specs. */
export const subjectIn = (lane: Lane, stage: Stage): string => subjectOf(aJob, lane, stage);

/** The job of the specs as it was configured; its sequence in the log names the rules. */
export const jobConfigured = (parts: Parameters<typeof job>[0] = {}, revision = 1): NewEvent => {
  const definition = job({ job: aJob, ...parts });
  const by = { kind: 'user' as const, name: 'kim' };
  const data = { jobId: asJobId(definition.job), revision, definition, baseDir: '/jobs', by, systems: { source: 'HR', target: 'App' } };
  return newEvent(JobConfigured, data, {
    jobId: data.jobId,
    lane: configLane,
    stage: 'job-scheduler',
    id: `${definition.job}.configured.${revision}`,
  });
};
