import type { JobId, ObjectKey } from '@provident/domain';

/** The services that write to the log; each writes on its own subjects alone. */
export const stages = [
  'job-scheduler',
  'importer',
  'rule-evaluator',
  'exporter',
  'escrow-retrier',
  'report-api',
  'audit-streamer',
] as const;
export type Stage = (typeof stages)[number];

/**
 * `0` … `63` for objects, `d0` … `d63` for the same objects' work on demand, `j` for the job's cycles and `c` for its configuration. Configuration has a lane of its own
 * so that a service learns of all jobs by reading a few events, however many cycles have run.
 */
export type Lane = string;
export const configLane: Lane = 'c';
export const jobLane: Lane = 'j';

/** Stands for the installation where a job stands otherwise: who may do what is no matter of one job. No job can have this id. */
export const installationId = '_installation' as JobId;
/** Who was let in and who was not; and, of a job, who asked its systems something. */
export const accessLane: Lane = 'a';
/** Of the installation: which events are sent to which other systems. */
export const streamLane: Lane = 's';

/** Of a job: whose values were erased. */
export const privacyLane: Lane = 'p';

const prefix = 'provisioning';

export const subjectOf = (jobId: JobId, lane: Lane, stage: Stage): string => `${prefix}.${jobId}.${lane}.${stage}`;
/** All events of all jobs. */
export const everything = `${prefix}.>`;
/** What one stage says, over the lanes of one job. */
export const stageSubjects = (jobId: JobId | '*', stage: Stage): string => `${prefix}.${jobId}.*.${stage}`;
/** Configuration of all jobs. */
export const configSubjects = `${prefix}.*.${configLane}.job-scheduler`;

/** Erasures in all jobs. */
export const erasureSubjects = `${prefix}.*.${privacyLane}.report-api`;

export interface SubjectParts {
  readonly jobId: JobId;
  readonly lane: Lane;
  readonly stage: Stage;
}

const parsed = new Map<string, SubjectParts>();
const remembered = 10_000;

/**
 * There are few subjects, and each is read many times over.
 * @throws RangeError when the subject is not one of the log's
 */
export function parseSubject(subject: string): SubjectParts {
  let parts = parsed.get(subject);
  if (!parts) {
    parts = splitSubject(subject);
    if (parsed.size >= remembered) parsed.clear();
    parsed.set(subject, parts);
  }
  return parts;
}

function splitSubject(subject: string): SubjectParts {
  const [first, jobId, lane, stage, ...rest] = subject.split('.');
  if (first !== prefix || !jobId || !lane || !stage || rest.length > 0) throw new RangeError(`not a subject of the log: ${subject}`);
  return { jobId: jobId as JobId, lane, stage: stage as Stage };
}

/** The lane of an object: FNV-1a of its key, modulo the number of lanes. The same object always travels in the same lane. */
export function laneOf(key: ObjectKey, lanes: number): Lane {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) {
    hash ^= key.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return String((hash >>> 0) % lanes);
}

/** The object lanes of a job with so many. */
export const objectLanes = (lanes: number): Lane[] => Array.from({ length: lanes }, (_, lane) => String(lane));

/** The lane in which objects of an object lane travel that somebody asked for: no backlog delays it, and whoever works on one works on both. */
export const demandLaneOf = (lane: Lane): Lane => `d${lane}`;
export const isDemandLane = (lane: Lane): boolean => /^d\d+$/.test(lane);
/** The object lane that a lane, of either kind, belongs to. */
export const objectLaneOf = (lane: Lane): Lane => (isDemandLane(lane) ? lane.slice(1) : lane);
/** The demand lanes of a job with so many object lanes. */
export const demandLanes = (lanes: number): Lane[] => objectLanes(lanes).map(demandLaneOf);
