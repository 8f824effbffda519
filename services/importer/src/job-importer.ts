import { ConnectorError, type Openers } from '@provident/connectors';
import type { Msg, Subscription } from '@nats-io/transport-node';
import { type CommandAnswer, ConnectionOrder, type ObjectFacts, ProvisionOnDemand } from '@provident/contracts';
import { type JobId, type ObjectKey, type ObjectType, mappingOf, restartedCode } from '@provident/domain';
import { type PrivatePorts, type ServicePorts, StateFold } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import type { FindFormer } from './assigned-source.js';
import type { ImporterConfig } from './config.js';
import { ImportCycle } from './cycle/import-cycle.js';
import { type FindAssociations, type FindFormerKeys, type FindOwners, sayFailed } from './cycle/import-objects.js';
import { failureOf } from './cycle/look-up.js';
import { healMemberships, healReferences } from './heal.js';
import { type AgainPorts, importAgain } from './import-again.js';
import { JobWriter, OutcomeUnknown, type Saying } from './job-writer.js';
import { DemandReads } from './on-demand/demand-reads.js';
import { OnDemand } from './on-demand/on-demand.js';
import { Links } from './links/change-link.js';
import { demandSubject, linkSubject } from './on-demand/on-demand.controller.js';
import { OnHold, isOnHold } from './on-hold.js';
import { PipelinePace } from './pipeline-pace.js';
import { associationsIn } from './state/associations.js';
import { foldImports, foldedSubjects } from './state/fold-imports.js';
import { MembershipIndex } from './state/membership-index.js';
import { OutdatedObjects } from './state/outdated-objects.js';
import { listStale } from './state/reference-index.js';
import { type OpenCycle, SourceIndex } from './state/source-index.js';
import { type OpenSystems, Systems } from './systems.js';

export interface ImporterPorts extends ServicePorts, Partial<Pick<PrivatePorts, 'shownLog'>> {
  readonly database: DataSource;
  readonly config: ImporterConfig;
  readonly assertHeld: () => void;
  /** How systems are opened, other than by their connectors. */
  readonly open: Openers;
}

const mostAgain = 100;
/** A conflict is looked at again after the other side's write has had time to be told. */
const settleMs = 1_000;
/** Memberships that become due one after another are written together: this long after the first of them at the latest. */
const gatherMs = 500;

/**
 * Imports for one job: folds what was said so far into its tables, and does what they show as still to be done: the import of an open cycle, and
 * objects that have to be imported again. A crash at any point leaves exactly that to the next instance.
 */
export class JobImporter {
  private readonly index: SourceIndex;
  private readonly memberships: MembershipIndex;
  private readonly findAssociations: FindAssociations;
  private readonly systems: Systems;
  private readonly stop = new AbortController();
  private fold!: StateFold;
  private writer!: JobWriter;
  private pace!: PipelinePace;
  private readonly demanded = new DemandReads();
  private onDemand!: OnDemand;
  private links!: Links;
  private readonly demandSystems: Systems;
  private wake: () => void = () => undefined;
  /** Rules of the cycle that is being imported: everything goes by them until it ends. */
  private cycleRules: number | null = null;

  constructor(
    private readonly jobId: JobId,
    private readonly ports: ImporterPorts,
  ) {
    this.index = new SourceIndex(ports.database, jobId);
    this.memberships = new MembershipIndex(ports.database, jobId);
    this.findAssociations = associationsIn(ports.database, jobId, this.mappingAt);
    const former: FindFormer = (names) => this.index.findBelonging(names);
    this.systems = new Systems(ports.registry, ports.config, ports.open, former);
    this.demandSystems = new Systems(ports.registry, ports.config, ports.open, former);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log, database, registry, connection } = this.ports;
    signal.addEventListener('abort', () => this.stop.abort());
    const lanes = registry.find(this.jobId)!.configured.definition.lanes;
    this.writer = new JobWriter(this.jobId, lanes, this.ports);
    this.fold = await StateFold.open(log, database, {
      name: this.jobId,
      filters: foldedSubjects(this.jobId),
      apply: (events, manager) => foldImports(this.jobId, events, manager),
      folded: () => this.wake(),
    });
    await this.fold.catchUp(this.stop.signal);
    await this.writer.open();
    this.pace = new PipelinePace(connection, this.jobId);
    this.onDemand = this.openOnDemand(lanes);
    this.links = this.openLinks();
    const requests = [
      this.takeRequests(demandSubject(this.jobId), (message) => this.provision(message)),
      this.takeRequests(linkSubject(this.jobId), (message) => this.links.change(ConnectionOrder.parse(message.json()), this.stop.signal)),
    ];
    const ignoreJobs = registry.onChange(() => this.wake());
    const folding = this.fold.run(this.stop.signal).finally(() => this.wake());
    const working = this.work();
    try {
      await Promise.race([working, folding, this.writer.lost]);
    } catch (error) {
      if (!signal.aborted) throw error; // what is given up for a stop is no failure
    } finally {
      this.stop.abort();
      await Promise.allSettled([working, folding]); // thrown by the race already
      ignoreJobs();
      for (const each of requests) each.unsubscribe();
      this.pace.close();
      await this.systems.close();
      await this.demandSystems.close();
    }
  }

  private openOnDemand(lanes: number): OnDemand {
    const { jobId, index, writer, findOwners, findFormerKeys, findAssociations, demanded: reads, demandSystems } = this;
    const { log, shownLog = log, registry, now } = this.ports;
    const { signal } = this.stop;
    const foldedTo = (sequence: number): Promise<void> => this.foldedTo(sequence);
    // Not of everybody: amid a cycle the tables are always a moment behind what it says.
    const foldedOf = (objectKey: ObjectKey): Promise<void> => this.foldedTo(writer.lastSequenceOf(objectKey));
    const openSystems = async (until: AbortSignal): Promise<OpenSystems> => {
      await registry.catchUp(jobId);
      return demandSystems.open(registry.find(jobId)!.rules, until);
    };
    const basis = (): number => this.fold.position;
    return new OnDemand({
      jobId,
      log,
      shownLog,
      index,
      writer,
      reads,
      findOwners,
      findFormerKeys,
      findAssociations,
      foldedOf,
      foldedTo,
      basis,
      lanes,
      openSystems,
      now,
      signal,
    });
  }

  private openLinks(): Links {
    const { jobId, index, writer, findOwners, demandSystems } = this;
    const foldedTo = (sequence: number): Promise<void> => this.foldedTo(sequence);
    const foldedWhole = async (): Promise<void> => {
      const last = await Promise.all(foldedSubjects(jobId).map((each) => this.ports.log.findLast(each)));
      await foldedTo(Math.max(...last.map((each) => each?.sequence ?? 0)));
    };
    const openSystems = (signal: AbortSignal): Promise<OpenSystems> => demandSystems.open(this.ports.registry.find(jobId)!.rules, signal);
    return new Links({ jobId, index, writer, findOwners, openSystems, foldedWhole, foldedTo });
  }

  private takeRequests(subject: string, carryOut: (message: Msg) => Promise<CommandAnswer>): Subscription {
    return this.ports.connection.subscribe(subject, {
      callback: (error, message) => {
        if (!error) void this.answer(message, carryOut);
      },
    });
  }

  /** Answers one request on demand; a failure here is told to whoever asked, and ends nothing else, unless it leaves open what stands in the log. */
  private async answer(message: Msg, carryOut: (message: Msg) => Promise<CommandAnswer>): Promise<void> {
    const answer = await Promise.resolve()
      .then(() => carryOut(message))
      .catch((error: unknown) => {
        if (!this.stop.signal.aborted) this.ports.logger.error({ err: error, jobId: this.jobId }, 'work on demand failed');
        const { message } = error as Error;
        return refused(
          error instanceof OutcomeUnknown ? `it is not known whether this was done: ${message}; look again` : `not done: ${message}`,
        );
      });
    message.respond(JSON.stringify(answer));
  }

  private async provision(message: Msg): Promise<CommandAnswer> {
    const asked = ProvisionOnDemand.schema.parse(message.json());
    const isStopped = this.ports.registry.find(this.jobId)?.state === 'stopped';
    if (isStopped) return refused(`job "${this.jobId}" is stopped, and nothing is written for it: start it first`);
    return this.onDemand.provision(asked);
  }

  private async work(): Promise<void> {
    await this.folded();
    while (!this.stop.signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      await this.importAgain();
      const cycle = await this.index.findOpenCycle();
      if (cycle && !this.isOnHold(cycle)) await this.importCycle(cycle);
      else if (!(await this.heal())) await Promise.race([woken, sleep(2_000)]);
    }
  }

  private isOnHold({ sequence }: OpenCycle): boolean {
    return isOnHold(this.ports.registry.find(this.jobId), sequence);
  }

  private async importCycle(cycle: OpenCycle): Promise<void> {
    try {
      await this.readCycle(cycle);
    } catch (error) {
      if (!(error instanceof OnHold)) throw error;
      await this.folded(); // it goes on from its last page, not from the one before
    }
  }

  private async readCycle(cycle: OpenCycle): Promise<void> {
    const { database } = this.ports;
    this.cycleRules = cycle.opened.rules;
    if (!cycle.progress) await this.index.clearScratch();
    const ended = await new ImportCycle(cycle, {
      jobId: this.jobId,
      database,
      index: this.index,
      memberships: this.memberships,
      outdated: new OutdatedObjects(database, this.jobId),
      writer: this.writer,
      openSystems: (rules) => this.systems.open(rules, this.stop.signal),
      mappingAt: this.mappingAt,
      findOwners: this.findOwners,
      findFormerKeys: this.findFormerKeys,
      findAssociations: this.findAssociations,
      demanded: this.demanded,
      folded: this.folded,
      basis: () => this.fold.position,
      betweenPages: async (cycleId, imported) => {
        await this.importAgain();
        await this.pace.keep(cycleId, imported, this.stop.signal, () => this.isOnHold(cycle));
        if (this.isOnHold(cycle)) throw new OnHold();
        if (await this.index.isRestarted()) throw restarted();
      },
      signal: this.stop.signal,
    }).run();
    await this.foldedTo(ended);
    await this.index.clearScratch();
    this.cycleRules = null;
  }

  /** What has to be imported again now: a paused job finishes what was sent back and tries nothing again, a stopped one does neither. */
  private async listAgain(limit: number) {
    const state = this.ports.registry.find(this.jobId)?.state;
    const asked = state === 'stopped' ? [] : await this.index.listAgain(limit, { retries: state !== 'paused' });
    return asked.filter(({ request }) => !this.onDemand.isWaitedFor(request.changeId));
  }

  private async importAgain(): Promise<void> {
    if ((await this.listAgain(1)).length === 0) return;
    await this.folded(); // what was read a moment ago is the newest that is known, and what was answered is not asked any more
    const asked = await this.listAgain(mostAgain);
    if (asked.length === 0) return;
    if (asked.some(({ request }) => request.round > 0)) await sleep(settleMs);
    const rules = this.cycleRules ?? this.ports.registry.find(this.jobId)!.rules;
    try {
      const systems = await this.systems.open(rules, this.stop.signal);
      const readAt = this.demanded.instant();
      this.demanded.readElsewhere(
        asked.map(({ request }) => request.objectKey),
        readAt,
      );
      const ports = this.againPorts(systems);
      const sayings = await importAgain(oncePerObject(asked), { ...ports, index: this.index });
      await this.sayUnlessDemanded(sayings, { readAt, basis: ports.basis });
    } catch (error) {
      if (!(error instanceof ConnectorError) || this.stop.signal.aborted) throw error;
      await this.say(asked.map((each) => ({ said: this.sayUnasked(each, rules, error), cause: each.sequence })));
    }
  }

  private againPorts(systems: OpenSystems): Omit<AgainPorts, 'index'> {
    const { jobId, findOwners, findFormerKeys, findAssociations } = this;
    return { jobId, systems, findOwners, findFormerKeys, findAssociations, basis: this.fold.position, signal: this.stop.signal };
  }

  /**
   * Writes what waited for an account that is there now, and takes back what led to one that is gone: references, then memberships; not for a job that is paused or stopped. A target that cannot
   * be asked is no reason to give up: what is due stays due, and the next look is a little later. @returns whether there may be more
   */
  private async heal(): Promise<boolean> {
    const { jobId, memberships } = this;
    const { database, registry } = this.ports;
    const job = registry.find(jobId);
    if (!job || job.state === 'paused' || job.state === 'stopped') return false;
    const hasReady = (await listStale(database, jobId, 1)).length > 0;
    const hasDue = await memberships.hasDue();
    if (!hasReady && !hasDue) return false;
    try {
      const systems = await this.systems.open(job.rules, this.stop.signal);
      const readAt = this.demanded.instant();
      const ports = this.againPorts(systems);
      const sayings = await healReferences({ ...ports, database });
      if (sayings.length > 0) await this.sayUnlessDemanded(sayings, { readAt, basis: ports.basis });
      if (hasDue) await sleep(gatherMs);
      const duePorts = { jobId, memberships, systems, basis: () => this.fold.position, folded: this.folded };
      const changes = hasDue ? await healMemberships(duePorts, (some) => this.writer.append(some)) : 0;
      return sayings.length + changes > 0;
    } catch (error) {
      if (!(error instanceof ConnectorError) || this.stop.signal.aborted) throw error;
      return false;
    }
  }

  /** Until the append is asked for there is no other turn: what was said on demand meanwhile is newer, and is looked at once more. */
  private sayUnlessDemanded(
    sayings: readonly Saying[],
    { readAt, basis }: { readonly readAt: number; readonly basis: number },
  ): Promise<void> {
    const { demanded } = this;
    const isNewest = (key: ObjectKey): boolean => !demanded.isReadSince(key, readAt) && !demanded.isSaidBehind(key, basis);
    return this.say(sayings.filter(({ said }) => isNewest(said.about as ObjectKey)));
  }

  /** Each in the lane that it came from. */
  private async say(sayings: readonly Saying[]): Promise<void> {
    const isDemanded = ({ said }: Saying): boolean => (said.data as ObjectFacts).demand !== undefined;
    const [ordinary, onDemand] = [sayings.filter((each) => !isDemanded(each)), sayings.filter(isDemanded)];
    await this.foldedTo(Math.max(...(await Promise.all([this.writer.append(ordinary), this.writer.appendOnDemand(onDemand)]))));
  }

  private sayUnasked({ request }: { request: Parameters<typeof importAgain>[0][number]['request'] }, rules: number, error: ConnectorError) {
    const { sourceId, ...asked } = request;
    const facts = { jobId: this.jobId, rules, ...asked };
    return sayFailed(facts as Parameters<typeof sayFailed>[0], sourceId, 'target', null, failureOf(error));
  }

  private readonly mappingAt = async (rules: number, type: ObjectType) =>
    mappingOf((await this.ports.registry.rulesAt(rules)).definition, type);

  /** Asked only for accounts that were found by matching: everything said so far must have reached the tables first. */
  private readonly findOwners: FindOwners = async (type, targetIds) => {
    if (targetIds.length === 0) return new Map();
    await this.folded();
    return this.index.findOwners(type, targetIds);
  };

  /** What is not in the tables yet is newer than the basis of what is said: whatever comes of that, the exporter sends this back. */
  private readonly findFormerKeys: FindFormerKeys = (now) => this.index.findFormerKeys(now);

  private readonly folded = (): Promise<void> => this.foldedTo(this.writer.lastSequence);

  /** @throws the signal's reason: what is not folded must not be decided upon */
  private async foldedTo(sequence: number): Promise<void> {
    await this.fold.waitFor(sequence, this.stop.signal);
    this.stop.signal.throwIfAborted();
  }
}

function oncePerObject<Asked extends { request: { objectKey: ObjectKey } }>(asked: readonly Asked[]): Asked[] {
  const first = new Map<ObjectKey, Asked>();
  for (const each of asked) if (!first.has(each.request.objectKey)) first.set(each.request.objectKey, each);
  return [...first.values()];
}

const refused = (message: string): CommandAnswer => ({ ok: false, message, issues: [], result: {} });

/** Ends the import of a cycle in favour of another one. */
const restarted = (): ConnectorError =>
  new ConnectorError({
    kind: 'unavailable',
    code: restartedCode,
    message: 'the job was restarted: another cycle reads everything from the beginning',
  });

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
