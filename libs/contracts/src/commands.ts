import { JobDefinition, restartScopes } from '@provident/domain';
import { z } from 'zod';

import { Initiator, ObjectKeyText } from './events/common.js';
import { AddStreamOrder, StartStreamOrder, StreamId } from './http/streams.js';
import { LinkTarget } from './link-target.js';
import { SimulationOpened } from './simulation.js';
import { DriftMode } from './events/drift.js';
import { RetryScope } from './events/job-events.js';
import { systemsOfJob } from './http/credentials.js';

export * from './command-answer.js';
export * from './link-target.js';

/** Commands travel as NATS requests on `provident.command.<name>`; one instance of the owning service answers. */
const command = <Schema extends z.ZodType>(name: string, schema: Schema, owner = 'job-scheduler') => ({
  subject: `provident.command.${name}`,
  schema,
  /** The service that answers. */
  owner,
});

/** `forget`: everybody is matched anew in the new target. `keep`: it is the same system under another address. */
export const LinksChoice = z.enum(['keep', 'forget']);
export type LinksChoice = z.infer<typeof LinksChoice>;

/** `definition` is the parsed job file as the user wrote it: the scheduler checks it and fills in defaults. */
export const ValidateJob = command('validate-job', z.object({ definition: z.unknown(), baseDir: z.string() }));
/** Asks one system of a job file whether it lets us in, with what the file refers to as credentials. Answered with a ConnectionTestView as `result`. */
export const TestConnection = command(
  'test-connection',
  z.object({ definition: z.unknown(), baseDir: z.string(), system: z.enum(systemsOfJob) }),
);
export const ApplyJob = command(
  'apply-job',
  z.object({
    definition: z.unknown(),
    baseDir: z.string(),
    /** What becomes of the links when the target is another system than before; without it such a change is refused. */
    links: LinksChoice.optional(),
    /** The revision that it was made from, 0 where there was no such job; another one by then is not written over. */
    revision: z.int().nonnegative().optional(),
    by: Initiator,
  }),
);
/** Runs a cycle now. `fresh` reads everything again instead of what changed; `drift` looks at the accounts as well. */
export const RunJob = command(
  'run-job',
  z.object({ jobId: z.string(), fresh: z.boolean().default(false), drift: DriftMode.optional(), by: Initiator }),
);
/** Lets what was imported be finished, and nothing more begin. */
export const PauseJob = command('pause-job', z.object({ jobId: z.string(), by: Initiator }));
/** Nothing more is written to the target from now on; `StartJob` goes on where it was. */
export const StopJob = command('stop-job', z.object({ jobId: z.string(), by: Initiator }));
/** Begins anew, in part or as a whole, and lifts pause and stop; no scope means the usual ones. */
export const RestartJob = command(
  'restart-job',
  z.object({ jobId: z.string(), scopes: z.array(z.enum(restartScopes)).default([]), by: Initiator }),
);
/** Lifts quarantine, pause and stop. */
export const StartJob = command('start-job', z.object({ jobId: z.string(), by: Initiator }));
/** Ends a job for good. Its accounts stay as they are, and what it did can still be read. */
export const RemoveJob = command('remove-job', z.object({ jobId: z.string(), by: Initiator }));
/** Whose removals are meant: those of all when nobody is named. `count`: how many removals that are. */
const chosenRemovals = z.object({
  jobId: z.string(),
  cycleId: z.string(),
  chosen: z.object({ objectKeys: z.array(ObjectKeyText).min(1).max(500), count: z.int().positive() }).optional(),
  by: Initiator,
});
/** Does removals that a cycle held. */
export const ReleaseRemovals = command('release-removals', chosenRemovals);
/** Lets removals that a cycle held be, until something changes about the objects or the rules. */
export const RejectRemovals = command('reject-removals', chosenRemovals);

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
/** Attributes of both systems of a job file, however unfinished its rules are. Answered with a SystemsView as `result`. */
export const DescribeJobSystems = command('describe-job-systems', z.object({ definition: z.unknown(), baseDir: z.string() }));

/**
 * What the rules of a job file make of one object of the source as it is now. Nothing is written, and the target is not asked. Answered by the
 * importer, with a RulesPreviewView as `result`; refused with the issues of a file whose rules cannot be read.
 */
export const PreviewRules = command(
  'preview-rules',
  z.object({ definition: z.unknown(), baseDir: z.string(), objectType: z.string(), id: z.string() }),
  'importer',
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

/** An object that somebody wants to be provisioned now: its id in the source, or that of its account. */
export const DemandedSubject = z.strictObject({ objectType: z.string().min(1).max(60).default('user'), id: z.string().min(1).max(1_000) });
/** What one request on demand may ask for. */
export const DemandedSubjects = z.array(DemandedSubject).min(1).max(5);

/** Provisions a few objects at once, whatever waits, and answers with an `OnDemandView`. Answered by the importer. */
export const ProvisionOnDemand = command(
  'provision-on-demand',
  z.object({ jobId: z.string(), subjects: DemandedSubjects, allowRemoval: z.boolean().default(false), by: Initiator }),
  'importer',
);
export type ProvisionOnDemand = z.infer<typeof ProvisionOnDemand.schema>;

/** Whose link is meant: by the id in the source, or that of the account. */
const linked = { jobId: z.string(), subject: DemandedSubject, by: Initiator };
/** Takes the link between an object and its account away; nothing is written to the target. Answered by the importer. */
export const RemoveConnection = command(
  'remove-connection',
  z.object({ ...linked, order: z.literal('remove').default('remove') }),
  'importer',
);
/** Links an object to another account that exists and is linked to nobody else; nothing is written to the target. Answered by the importer. */
export const RepairConnection = command(
  'repair-connection',
  z.object({ ...linked, order: z.literal('repair').default('repair'), to: LinkTarget }),
  'importer',
);
export const ConnectionOrder = z.discriminatedUnion('order', [RemoveConnection.schema, RepairConnection.schema]);
export type ConnectionOrder = z.infer<typeof ConnectionOrder>;

const demandRequest = 'on-demand-';
/** Id of a request on demand: it stands where a cycle's id stands otherwise, and no cycle has it. */
export const demandRequestId = (uuid: string): string => demandRequest + uuid;
export const isDemandRequest = (cycleId: string): boolean => cycleId.startsWith(demandRequest);

const streamOrder = <Shape extends z.ZodRawShape>(name: string, shape: Shape) =>
  command(name, z.object({ streamId: StreamId, by: Initiator, ...shape }), 'audit-streamer');
/** Lets events be sent to another system. */
export const AddStream = command('add-stream', z.object({ order: AddStreamOrder, by: Initiator }), 'audit-streamer');
export const RemoveStream = streamOrder('remove-stream', {});
export const PauseStream = streamOrder('pause-stream', {});
export const StartStream = streamOrder('start-stream', StartStreamOrder.shape);
/** Sends one event of no consequence, to see whether it arrives. Refused with the destination's words. */
export const TestStream = streamOrder('test-stream', {});
/** Answered with `result.streams`, each a StreamView. */
export const ListStreams = command('list-streams', z.object({}), 'audit-streamer');
/** Answered with `result.keys`: public keys as JWKs. */
export const ListStreamKeys = command('list-stream-keys', z.object({}), 'audit-streamer');

/** What the pipeline asks of itself: a system's attributes, from the service that may speak to it. Answered by importer (source) and exporter (target). */
export const DescribeSystem = {
  source: command(
    'describe-source',
    z.object({
      connector: z.string(),
      config: z.record(z.string(), z.unknown()),
      baseDir: z.string(),
      /** Groups, by id: the answer names those of them that the source does not have, as `missingGroups`. */
      groups: z.array(z.string()).optional(),
    }),
  ),
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
