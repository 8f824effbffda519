import { StaleWriter, say } from '@provident/bus';
import { type NetworkPolicy, connectorRules, describedPath, findRefusal, membersLackIn } from '@provident/connectors/config';
import type { ObjectTypeDescription, SystemDescription } from '@provident/connectors/config';
import {
  type ApplyJob,
  type CommandAnswer,
  type ConnectionTestView,
  DescribeSystem,
  type Issue,
  JobConfigured,
  ProbeTarget,
  type SystemOfJob,
  type SystemsView,
  type SystemView,
  type TestConnection,
  configLane,
  subjectOf,
} from '@provident/contracts';
import { type IssuePath, type JobDefinition, asJobId, checkAttributes, issueAt, jobIdPattern, validateJob } from '@provident/domain';
import type { ServicePorts } from '@provident/service-kit';
import { z } from 'zod';

import { askService } from '../ask-service.js';
import type { ApplyOrder, CheckedConfiguration } from './answer-order.js';
import { type JobOwners, done, refused, refusedIn, wasDeleted } from './job-owners.js';

const describeTimeoutMs = 20_000;

const Described = z.union([
  z.object({
    ok: z.literal(true),
    description: z.object({ name: z.string(), objectTypes: z.array(z.looseObject({ name: z.string() })) }),
    missingGroups: z.array(z.string()).optional(),
  }),
  z.object({ ok: z.literal(false), message: z.string() }),
]);
const Counted = z.union([
  z.object({ ok: z.literal(true), description: z.number().nullable() }),
  z.object({ ok: z.literal(false), message: z.string() }),
]);
type Described =
  | { readonly ok: true; readonly description: SystemDescription; readonly missingGroups?: readonly string[] }
  | { readonly ok: false; readonly message: string };

export interface Checked {
  readonly definition: JobDefinition | null;
  readonly issues: Issue[];
  /** Systems that could not be asked: a warning, because they may be up when the job runs. */
  readonly notes: string[];
  readonly systems: { readonly source: string; readonly target: string };
  /** Those systems that were asked, and what came of it. */
  readonly asked: readonly Asked[];
}

type Told = { readonly ok: boolean; readonly message: string };
type Asked = Told & { readonly system: SystemOfJob; readonly connector: string };

/** Checks job files against their schema, their own logic and what the two systems say of themselves; and brings checked ones to the log. */
export class JobFiles {
  constructor(
    private readonly ports: ServicePorts,
    private readonly network: NetworkPolicy,
  ) {}

  async validate(input: unknown, baseDir: string): Promise<CommandAnswer> {
    const { issues, notes, asked } = await this.check(input, baseDir);
    if (issues.length > 0) return { ...refused(`${issues.length} problem(s) in the job file`, issues), result: { notes, asked } };
    return done('the job file is valid', { notes, asked });
  }

  /** Asks one system of a job file whether it lets us in. That it does not is an answer; a file whose systems cannot be told is refused. */
  async test({ definition: input, baseDir, system }: z.infer<typeof TestConnection.schema>): Promise<CommandAnswer> {
    const parsed = NamedSystems.safeParse(input);
    if (!parsed.success) return refused('name a source and a target, each with its connector', issuesOf(parsed.error));
    const startedAt = performance.now();
    const told = await (system === 'source' ? this.testSource(parsed.data, baseDir) : this.testTarget(parsed.data, baseDir));
    const tested: ConnectionTestView = { system, ...told, tookMs: Math.round(performance.now() - startedAt) };
    return done(`the ${system} was asked`, tested);
  }

  private async testSource({ source }: NamedSystems, baseDir: string): Promise<Told> {
    const described = await this.describe('source', source, baseDir);
    return described.ok ? { ok: true, message: holds(described.description) } : described;
  }

  /** Describing needs no credentials in every target; counting does. */
  private async testTarget({ target, objects }: NamedSystems, baseDir: string): Promise<Told> {
    const described = await this.describe('target', target, baseDir);
    if (!described.ok) return described;
    const { name, objectTypes } = described.description;
    const objectType = objects[0]?.target ?? objectTypes[0]?.name ?? 'User';
    const counted = await this.ask('target', ProbeTarget.subject, { ...target, baseDir, objectType }, Counted);
    if (!counted.ok) return counted;
    return { ok: true, message: counted.description === null ? name : `${name}: ${counted.description} of type ${objectType}` };
  }

  async apply(
    { definition: input, baseDir, links, revision, by }: z.infer<typeof ApplyJob.schema>,
    owners: JobOwners,
  ): Promise<CommandAnswer> {
    const knownUntil = await this.configuredUntil(input);
    const { definition, issues, notes, systems } = await this.check(input, baseDir);
    if (!definition || issues.length > 0)
      return { ...refused(`${issues.length} problem(s) in the job file: nothing was applied`, issues), result: { notes } };
    if (this.ports.registry.find(definition.job)?.state === 'removed')
      return refusedIn('deleted', `${wasDeleted(definition.job)}, under its id: give the new job another one`);
    const configured: CheckedConfiguration = { definition, baseDir, by, systems };
    const payload: ApplyOrder = { configured, links, revision, knownUntil };
    const created = revision === undefined || revision === 0 ? await this.create(definition.job, configured) : null;
    const answer = created ?? (await owners.order(definition.job, { name: 'apply', payload }));
    return { ...answer, result: { ...answer.result, notes } };
  }

  /** What both systems of a job file tell of themselves, whatever else is wrong with the file. */
  async systems(input: unknown, baseDir: string): Promise<CommandAnswer> {
    const parsed = NamedSystems.safeParse(input);
    if (!parsed.success) return refused('name a source and a target, each with its connector', issuesOf(parsed.error));
    const [source, target] = await Promise.all([
      this.describe('source', parsed.data.source, baseDir),
      this.describe('target', parsed.data.target, baseDir),
    ]);
    return done('both systems were asked', { source: toldBy(source), target: toldBy(target) } satisfies SystemsView);
  }

  /** Where the log told of the job's configuration last: checking a file takes a while, in which somebody else may configure the job. */
  private async configuredUntil(input: unknown): Promise<number> {
    const named = z.object({ job: z.string().regex(jobIdPattern) }).safeParse(input);
    if (!named.success) return 0; // and nothing will be applied
    const last = await this.ports.log.findLast(subjectOf(asJobId(named.data.job), configLane, 'job-scheduler'));
    return last?.sequence ?? 0;
  }

  /** Makes a job that is not there yet; null when it is. */
  private async create(job: string, configured: CheckedConfiguration): Promise<CommandAnswer | null> {
    const { registry, appender, now } = this.ports;
    if (registry.find(job)) return null;
    const jobId = asJobId(job);
    const said = say(JobConfigured, `${jobId}.configured.1`, jobId, { ...configured, jobId, revision: 1 });
    const subject = subjectOf(jobId, configLane, 'job-scheduler');
    try {
      await appender.append(
        [{ ...said, jobId, lane: configLane, stage: 'job-scheduler', at: now().toISOString(), cause: 0, position: 0 }],
        new Map([[subject, 0]]),
      );
      return done(`job "${jobId}" was created`, { jobId, revision: 1, changed: true });
    } catch (error) {
      if (error instanceof StaleWriter) return null; // another instance was faster
      throw error;
    }
  }

  /** A job file against its schema, its own logic and its systems. */
  async check(input: unknown, baseDir: string): Promise<Checked> {
    const { definition, issues } = validateJob(input, connectorRules);
    if (!definition) return { definition: null, issues, notes: [], systems: { source: '', target: '' }, asked: [] };
    const unreachable = await this.checkAddresses(definition);
    if (unreachable.length > 0) return { definition, issues: unreachable, notes: [], systems: { source: '', target: '' }, asked: [] };
    const unassignable = checkMembers(definition);
    const groups = unassignable.length > 0 ? [] : [...new Set(definition.objects.flatMap(({ assigned }) => assigned?.groups ?? []))];
    const [source, target] = await Promise.all([
      this.describe('source', definition.source, baseDir, groups),
      this.describe('target', definition.target, baseDir),
    ]);
    const wrong = checkAttributes(definition, (rules) => {
      const known = attributesOf(target, rules.target);
      const describedTargetPath = (path: string) => describedPath[definition.target.connector]?.(path, known) ?? [];
      return { source: attributesOf(source, rules.source), target: known, describedTargetPath };
    });
    const missing = definition.objects.flatMap(({ source: type }, index) =>
      isTold(source, type) ? [] : [issueAt(['objects', index, 'source'], `the source has no objects of type "${type}"`)],
    );
    const notes = [...noteOn('source', source), ...noteOn('target', target)];
    return {
      definition,
      issues: [...issues, ...missing, ...unassignable, ...missingGroups(definition, source), ...wrong],
      notes,
      systems: { source: nameOf(definition.source, source), target: nameOf(definition.target, target) },
      asked: [
        { system: 'source', connector: definition.source.connector, ...toldIn(source) },
        { system: 'target', connector: definition.target.connector, ...toldIn(target) },
      ],
    };
  }

  /** Addresses that nothing of ours may connect to. A name that leads nowhere yet may lead somewhere when the job runs, and is looked at then. */
  private async checkAddresses({ source, target, notify }: JobDefinition): Promise<Issue[]> {
    const addresses: [IssuePath, unknown][] = [
      [['source', 'config', 'url'], source.config['url']],
      [['target', 'config', 'url'], target.config['url']],
      [['target', 'config', 'auth', 'oauth2', 'tokenUrl'], tokenUrlOf(target.config)],
      [['notify', 'webhook', 'url'], notify?.webhook?.url],
    ];
    const found = addresses.map(async ([path, url]) => {
      const refusal = typeof url === 'string' ? await findRefusal(url, this.network) : null;
      return refusal === null ? [] : [issueAt(path, refusal)];
    });
    return (await Promise.all(found)).flat();
  }

  private describe(side: SystemOfJob, { connector, config }: System, baseDir: string, groups: readonly string[] = []): Promise<Described> {
    const asked = { connector, config, baseDir, ...(groups.length > 0 && { groups }) };
    return this.ask(side, DescribeSystem[side].subject, asked, Described) as Promise<Described>;
  }

  private async ask<Schema extends z.ZodType>(
    side: SystemOfJob,
    subject: string,
    asked: object,
    answer: Schema,
  ): Promise<z.infer<Schema> | { readonly ok: false; readonly message: string }> {
    try {
      return answer.parse(await askService(this.ports.connection, subject, asked, describeTimeoutMs));
    } catch (error) {
      return { ok: false, message: `no ${side === 'source' ? 'importer' : 'exporter'} answered: ${(error as Error).message}` };
    }
  }
}

/** Groups decide who is assigned, and the source is not told where they are. */
function checkMembers({ objects, source }: JobDefinition): Issue[] {
  const remedy = membersLackIn[source.connector]?.(source.config) ?? null;
  if (remedy === null) return [];
  return objects.flatMap(({ assigned }, index) =>
    assigned?.groups ? [issueAt(['objects', index, 'assigned', 'groups'], `the source tells of no group: ${remedy}`)] : [],
  );
}

/** Groups that decide who is assigned, and that the source does not have. */
function missingGroups({ objects }: JobDefinition, source: Described): Issue[] {
  const missing = new Set(source.ok ? source.missingGroups : []);
  return objects.flatMap(({ assigned }, index) =>
    (assigned?.groups ?? []).flatMap((group, at) =>
      missing.has(group)
        ? [
            issueAt(
              ['objects', index, 'assigned', 'groups', at],
              `the source has no group "${group}": name it by its id there, not by its title`,
            ),
          ]
        : [],
    ),
  );
}

function attributesOf(described: Described, objectType: string): ObjectTypeDescription {
  const found = described.ok ? described.description.objectTypes.find(({ name }) => name === objectType) : undefined;
  return found ?? { name: objectType, attributes: [], complete: false };
}

/** Whether the system has such objects, as far as it tells. */
const isTold = (described: Described, objectType: string): boolean =>
  !described.ok ||
  described.description.objectTypes.length === 0 ||
  described.description.objectTypes.some(({ name }) => name === objectType);

const System = z.object({ connector: z.string(), config: z.record(z.string(), z.unknown()).default({}) });
type System = z.infer<typeof System>;
const NamedSystems = z.object({
  source: System,
  target: System,
  /** Of no weight unless what is provisioned is counted. */
  objects: z
    .array(z.looseObject({ target: z.string().optional() }))
    .default([])
    .catch([]),
});
type NamedSystems = z.infer<typeof NamedSystems>;

const issuesOf = ({ issues }: z.ZodError): Issue[] => issues.map(({ path, message }) => issueAt(path as Issue['path'], message));

function toldBy(described: Described): SystemView {
  if (!described.ok) return { name: null, problem: described.message, objectTypes: [] };
  const { name, objectTypes } = described.description;
  return { name, problem: null, objectTypes: objectTypes.map((type) => ({ ...type, attributes: [...type.attributes] })) };
}

const holds = ({ name, objectTypes }: Pick<SystemDescription, 'name' | 'objectTypes'>): string =>
  objectTypes.length === 0 ? name : `${name}: ${objectTypes.map((type) => type.name).join(', ')}`;
const toldIn = (described: Described): Told =>
  described.ok ? { ok: true, message: holds(described.description) } : { ok: false, message: described.message };
const nameOf = ({ connector, name }: JobDefinition['source'], described: Described): string =>
  name ?? (described.ok ? described.description.name : connector);
const noteOn = (side: string, described: Described): string[] =>
  described.ok ? [] : [`the ${side} could not be asked for its attributes: ${described.message}`];

/** Where a target's access tokens come from: secrets are sent there. */
const tokenUrlOf = ({ auth }: Readonly<Record<string, unknown>>): unknown =>
  (auth as { readonly oauth2?: { readonly tokenUrl?: unknown } } | undefined)?.oauth2?.tokenUrl;
