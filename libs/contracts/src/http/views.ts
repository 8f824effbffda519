import { z } from 'zod';

import { Failure, Initiator, RemovalGuard } from '../events/common.js';
import { DriftSummary } from '../events/drift.js';
import { Tally } from '../events/tally.js';

/** What the API answers and `--json` prints. Members are only ever added. Instants are UTC ISO strings; null means "not yet" or "none". */

export const CycleView = z.object({
  cycleId: z.string(),
  jobId: z.string(),
  kind: z.enum(['initial', 'incremental']),
  state: z.enum(['running', 'succeeded', 'entry-level-errors', 'failed']),
  openedAt: z.string(),
  closedAt: z.string().nullable(),
  importCompletedAt: z.string().nullable(),
  by: Initiator,
  tally: Tally,
  /** Records to expect, when the source can tell. */
  total: z.number().nullable(),
  /** People whose last known record was judged by rules that were new to it; those who fare differently are among the imported. */
  reevaluated: z.number().default(0),
  failure: Failure.nullable(),
  /** What it found changed by hand in the target; null when it did not look. */
  drift: DriftSummary.nullable().optional(),
});
export type CycleView = z.infer<typeof CycleView>;

/** A target that holds a job up, by what it allows or because it asked to be left alone. */
export const PaceView = z.object({
  /** `used`: requests that count at present, those of other jobs among them. `perMs` 0: requests at once. */
  limits: z.array(z.object({ requests: z.number(), perMs: z.number(), of: z.enum(['all', 'reads', 'writes']), used: z.number() })),
  /** How limits are known that the job does not declare. */
  learned: z.enum(['announced', 'guessed']).nullable(),
  /** The target asked to be left alone until then. */
  pausedUntil: z.string().nullable(),
  /** Requests of the job that wait. */
  waiting: z.number(),
});
export type PaceView = z.infer<typeof PaceView>;

/** How a job fares with what its target allows, whether it has to wait or not. */
export const RateView = z.object({
  /** `from`: how the limit is known. `used`: requests that count at present, those of other jobs among them. `perMs` 0: requests at once. */
  limits: z.array(
    z.object({
      requests: z.number(),
      perMs: z.number(),
      of: z.enum(['all', 'reads', 'writes']),
      used: z.number(),
      from: z.enum(['declared', 'announced', 'guessed']),
    }),
  ),
  /** The target asked to be left alone until then. */
  pausedUntil: z.string().nullable(),
  /** Requests of the job that wait. */
  waiting: z.number(),
  /** Requests of all jobs in the last 24 hours, and those of them that it refused because they were too many (429). */
  answered: z.number(),
  refused: z.number(),
});
export type RateView = z.infer<typeof RateView>;

/** The summary report of a job. */
export const JobStatusView = z.object({
  jobId: z.string(),
  name: z.string(),
  source: z.string(),
  target: z.string(),
  revision: z.number(),
  state: z.enum(['not-run', 'active', 'paused', 'stopped', 'quarantine', 'disabled']),
  /** Objects that are in scope now, by type. */
  inScope: z.record(z.string(), z.number()),
  /** Objects that have an account in the target through this job, by type. */
  linked: z.record(z.string(), z.number()),
  initialCycleCompleted: z.boolean(),
  running: CycleView.nullable(),
  lastCycle: CycleView.nullable(),
  lastSucceededAt: z.string().nullable(),
  nextCycleAt: z.string().nullable(),
  escrows: z.number(),
  /** Objects that were given up after weeks of retries. */
  givenUp: z.number().default(0),
  heldRemovals: z
    .object({
      cycleId: z.string(),
      proposed: z.number(),
      linked: z.number(),
      threshold: z.string(),
      /** Which limits hold them, with their numbers. */
      guards: z.array(RemovalGuard).default([]),
    })
    .nullable(),
  quarantine: z
    .object({ reason: z.string(), message: z.string(), beganAt: z.string(), count: z.number(), nextAttemptAt: z.string() })
    .nullable(),
  /** Null when nothing waits for the target. */
  pace: PaceView.nullable().default(null),
  /** Null when nothing is known of what the target allows. */
  rate: RateView.nullable().default(null),
  /** Whoever runs the installation accepts that acknowledged events may be lost in a power cut. */
  isLogVolatile: z.literal(true).optional(),
  /** The log that is there is not the one that this was told from: in what, and what to do. Nothing goes on until then. */
  wrongLog: z.string().optional(),
  /** How far these facts are behind the log. */
  freshness: z.object({ position: z.number(), head: z.number(), at: z.string() }),
});
export type JobStatusView = z.infer<typeof JobStatusView>;

export const LogStep = z.object({
  at: z.string(),
  sequence: z.number(),
  /** The activity of the audit log; `job`: somebody did something about this object. */
  activity: z.enum(['import', 'synchronization-rule', 'export', 'process-escrow', 'job']),
  step: z.string(),
  system: z.enum(['source', 'target', 'provident']),
  status: z.enum(['success', 'failure', 'skipped', 'warning']),
  text: z.string(),
  details: z.record(z.string(), z.unknown()),
});
export type LogStep = z.infer<typeof LogStep>;

/** One object's way through one cycle: the entry of the provisioning log. */
/** Names of objects, by object key (`user:1001`). */
export const NamesByKey = z.record(z.string(), z.string());
export type NamesByKey = z.infer<typeof NamesByKey>;

export const LogEntryView = z.object({
  changeId: z.string(),
  jobId: z.string(),
  cycleId: z.string(),
  /** Of the latest step. */
  at: z.string(),
  objectType: z.string(),
  sourceId: z.string().nullable(),
  targetId: z.string().nullable(),
  displayName: z.string().nullable(),
  matchingValue: z.string().nullable(),
  action: z.enum(['create', 'update', 'disable', 'delete', 'staged-delete', 'other']),
  status: z.enum(['success', 'failure', 'skipped', 'warning', 'in-progress']),
  /** Kebab-case. */
  reason: z.string().nullable(),
  statusText: z.string(),
  attempts: z.number(),
  modified: z.array(z.object({ attribute: z.string(), old: z.unknown(), new: z.unknown() })),
  steps: z.array(LogStep),
  /** Names of members that came or left, by object key, as far as they are known; only where one change or one object was asked for. */
  memberNames: NamesByKey.optional(),
});
export type LogEntryView = z.infer<typeof LogEntryView>;

export const LogPageView = z.object({
  entries: z.array(LogEntryView),
  next: z.string().nullable(),
  /** Leads to the page of newer entries; null when there are none, absent from a page that began with the newest. */
  previous: z.string().nullable().optional(),
  /** Entries from before this instant are not all kept any more; absent where everything that was asked for is. */
  keptSince: z.string().optional(),
});
export type LogPageView = z.infer<typeof LogPageView>;

/** One event of the log as the API and `events --follow` show it. */
export const EventView = z.object({
  sequence: z.number(),
  id: z.string(),
  type: z.string(),
  at: z.string(),
  jobId: z.string(),
  lane: z.string(),
  stage: z.string(),
  subject: z.string().nullable(),
  data: z.unknown(),
});
export type EventView = z.infer<typeof EventView>;

export const HealthView = z.object({
  status: z.enum(['ok', 'degraded']),
  services: z.array(
    z.object({
      service: z.string(),
      instance: z.string(),
      /** Absent: one that does not tell. */
      version: z.string().optional(),
      seenAt: z.string(),
      lanes: z.number(),
    }),
  ),
  log: z.object({
    head: z.number(),
    position: z.number(),
    /** In what it is not the log that the reports were made from, and what to do; absent: it is that log, as far as can be told. */
    wrong: z.string().optional(),
  }),
  database: z.boolean(),
  broker: z.boolean(),
  /** How it is known that the log is on disk before it is acknowledged; `waived`: it may not be. */
  durability: z.enum(['seen', 'declared', 'waived']).optional(),
  /** `open`: whoever reaches the API may do everything. */
  signIn: z.enum(['required', 'this-machine', 'open']).optional(),
});
export type HealthView = z.infer<typeof HealthView>;

export const ErrorView = z.object({
  error: z.object({ code: z.string(), message: z.string(), issues: z.array(z.unknown()).optional(), state: z.string().optional() }),
});
export type ErrorView = z.infer<typeof ErrorView>;

/** Paths of the API, once: the server's routes and the clients' requests are both made from them. */
export const apiPaths = {
  live: '/health/live',
  ready: '/health/ready',
  metrics: '/metrics',
  health: '/provident/v1/health',
  jobs: '/provident/v1/jobs',
  validate: '/provident/v1/jobs/validate',
  job: '/provident/v1/jobs/:jobId',
  run: '/provident/v1/jobs/:jobId/run',
  start: '/provident/v1/jobs/:jobId/start',
  pause: '/provident/v1/jobs/:jobId/pause',
  restart: '/provident/v1/jobs/:jobId/restart',
  stop: '/provident/v1/jobs/:jobId/stop',
  provisionOnDemand: '/provident/v1/jobs/:jobId/provision-on-demand',
  held: '/provident/v1/jobs/:jobId/held-removals',
  release: '/provident/v1/jobs/:jobId/cycles/:cycleId/release-removals',
  reject: '/provident/v1/jobs/:jobId/cycles/:cycleId/reject-removals',
  simulateJob: '/provident/v1/jobs/:jobId/simulate',
  simulate: '/provident/v1/simulate',
  simulation: '/provident/v1/simulations/:simulationId',
  simulatedRows: '/provident/v1/simulations/:simulationId/rows',
  simulatedCsv: '/provident/v1/simulations/:simulationId/rows.csv',
  cancelSimulation: '/provident/v1/simulations/:simulationId/cancel',
  cycles: '/provident/v1/jobs/:jobId/cycles',
  log: '/provident/v1/log',
  cycle: '/provident/v1/jobs/:jobId/cycles/:cycleId',
  cycleReport: '/provident/v1/jobs/:jobId/cycles/:cycleId/report',
  jobChanges: '/provident/v1/jobs/:jobId/changes',
  story: '/provident/v1/people/:value/story',
  why: '/provident/v1/people/:value/why',
  attempts: '/provident/v1/attempts/difference',
  exportLog: '/provident/v1/export/log',
  exportProvisioning: '/provident/v1/export/provisioning',
  exportAudits: '/provident/v1/export/audits',
  openapi: '/provident/v1/openapi.json',
  events: '/provident/v1/events',
  follow: '/provident/v1/events/follow',
  backup: '/provident/v1/backup',
  backupKeys: '/provident/v1/backup/keys',
  readModelChecks: '/provident/v1/read-models/checks',
  readModelCheck: '/provident/v1/read-models/checks/:checkId',
} as const;
