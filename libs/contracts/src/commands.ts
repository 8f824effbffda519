import { JobDefinition } from '@provident/domain';
import { z } from 'zod';

import { Initiator } from './events/common.js';
import { SimulationOpened } from './simulation.js';
import { RetryScope } from './events/job-events.js';

/** A problem in a job file, at the place where it stands. */
export const Issue = z.object({
  /** Keys and indexes from the root of the job to the culprit. */
  path: z.array(z.union([z.string(), z.number()])),
  message: z.string(),
  /** The nearest valid name, where there is one. */
  nearest: z.string().optional(),
});
export type Issue = z.infer<typeof Issue>;

/** Answer of every command: done, refused with issues of the job file, or refused in a sentence. */
export const CommandAnswer = z.object({
  ok: z.boolean(),
  message: z.string(),
  issues: z.array(Issue).default([]),
  /** Facts for the caller, such as the cycle that was opened. */
  result: z.record(z.string(), z.unknown()).default({}),
});
export type CommandAnswer = z.infer<typeof CommandAnswer>;

/** Commands travel as NATS requests on `provident.command.<name>`; one instance of the owning service answers. */
const command = <Schema extends z.ZodType>(name: string, schema: Schema, owner = 'job-scheduler') => ({
  subject: `provident.command.${name}`,
  schema,
  /** The service that answers. */
  owner,
});

/** `definition` is the parsed job file as the user wrote it: the scheduler checks it and fills in defaults. */
export const ValidateJob = command('validate-job', z.object({ definition: z.unknown(), baseDir: z.string() }));
export const ApplyJob = command('apply-job', z.object({ definition: z.unknown(), baseDir: z.string(), by: Initiator }));
/** Runs a cycle now. `fresh` reads everything again instead of what changed. */
export const RunJob = command('run-job', z.object({ jobId: z.string(), fresh: z.boolean().default(false), by: Initiator }));
export const PauseJob = command('pause-job', z.object({ jobId: z.string(), by: Initiator }));
/** Lifts quarantine and pause. */
export const StartJob = command('start-job', z.object({ jobId: z.string(), by: Initiator }));
export const ReleaseRemovals = command('release-removals', z.object({ jobId: z.string(), cycleId: z.string(), by: Initiator }));

/**
 * Builds read models beside the living ones from the first event on: to compare the two (`verify`), or to put the new ones in the place of the old
 * (`rebuild`). Answered by audit-projector with the check's id; the check goes on.
 */
export const CheckReadModels = command(
  'check-read-models',
  z.object({ kind: z.enum(['verify', 'rebuild']), by: Initiator }),
  'audit-projector',
);
/** Answered by audit-projector with `result.check`, a ReadModelCheckView; refused when there was no such check. */
export const FindReadModelCheck = command('find-read-model-check', z.object({ checkId: z.string() }), 'audit-projector');
/** Tries kept objects now instead of at their time. */
export const RetryEscrows = command('retry-escrows', z.object({ jobId: z.string(), scope: RetryScope, by: Initiator }));

/**
 * Whether a job's target can be reached and lets us in: asked of the exporter while the job is in quarantine. Counting objects needs the
 * credentials, which describing does not in every system. Answered like a description.
 */
export const ProbeTarget = command(
  'probe-target',
  z.object({ connector: z.string(), config: z.record(z.string(), z.unknown()), baseDir: z.string(), objectType: z.string() }),
);

/**
 * Predicts what a whole cycle would do, without one write: under the rules of a job, or under those of a job file that is not applied. Answered once
 * the job file is found valid and the simulation has begun.
 */
export const SimulateJob = command(
  'simulate-job',
  z.object({
    /** null: of the job that the file names, whether or not it was ever applied. */
    jobId: z.string().nullable(),
    /** null: the rules that apply. */
    draft: z.object({ definition: z.unknown(), baseDir: z.string() }).nullable(),
    /** Tells only of people who would fare differently than under the rules that apply. */
    compare: z.boolean().default(false),
    by: Initiator,
  }),
);
/** Ends a simulation; answered by the importer that runs it. */
export const CancelSimulation = (simulationId: string) => command(`cancel-simulation.${simulationId}`, z.object({}), 'importer');

/** Rules, and the folder that relative paths in them start from. */
const RulesText = z.object({ definition: JobDefinition, baseDir: z.string() });

/** What the scheduler asks of an importer, once the job file is checked. */
export const StartSimulation = command(
  'start-simulation',
  z.object({
    opened: SimulationOpened,
    rules: RulesText,
    /** Rules that apply now, to compare with; null when nothing is compared. */
    current: RulesText.nullable(),
  }),
  'importer',
);
export type StartSimulation = z.infer<typeof StartSimulation.schema>;

/** What the pipeline asks of itself: a system's attributes, from the service that may speak to it. Answered by importer (source) and exporter (target). */
export const DescribeSystem = {
  source: command('describe-source', z.object({ connector: z.string(), config: z.record(z.string(), z.unknown()), baseDir: z.string() })),
  target: command('describe-target', z.object({ connector: z.string(), config: z.record(z.string(), z.unknown()), baseDir: z.string() })),
};

/**
 * How far the pipeline is with a cycle: told by the job's keeper several times a second while the cycle is open, over plain NATS and to whoever
 * listens. A hint for pacing: nothing that has to be right may rest on it.
 */
export const CycleProgress = {
  subject: (jobId: string): string => `provident.progress.${jobId}`,
  schema: z.object({
    cycleId: z.string(),
    /** Objects that have an outcome. */
    settled: z.int().nonnegative(),
  }),
};
export type CycleProgress = z.infer<typeof CycleProgress.schema>;
