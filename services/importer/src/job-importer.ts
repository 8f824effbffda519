import { ConnectorError } from '@provident/connectors';
import type { JobId, ObjectKey } from '@provident/domain';
import { type ServicePorts, StateFold } from '@provident/service-kit';
import type { DataSource } from 'typeorm';

import type { ImporterConfig } from './config.js';
import { ImportCycle } from './cycle/import-cycle.js';
import { sayFailed } from './cycle/import-objects.js';
import { failureOf } from './cycle/look-up.js';
import { importAgain } from './import-again.js';
import { JobWriter } from './job-writer.js';
import { PipelinePace } from './pipeline-pace.js';
import { foldImports, foldedSubjects } from './state/fold-imports.js';
import { OutdatedObjects } from './state/outdated-objects.js';
import { SourceIndex } from './state/source-index.js';
import { type Openers, Systems } from './systems.js';

export interface ImporterPorts extends ServicePorts {
  readonly database: DataSource;
  readonly config: ImporterConfig;
  readonly assertHeld: () => void;
  /** How systems are opened, other than by their connectors. */
  readonly open?: Openers;
}

const mostAgain = 100;
/** A conflict is looked at again after the other side's write has had time to be told. */
const settleMs = 1_000;

/**
 * Imports for one job: folds what was said so far into its tables, and does what they show as still to be done: the import of an open cycle, and
 * objects that have to be imported again. A crash at any point leaves exactly that to the next instance.
 */
export class JobImporter {
  private readonly index: SourceIndex;
  private readonly systems: Systems;
  private readonly stop = new AbortController();
  private fold!: StateFold;
  private writer!: JobWriter;
  private pace!: PipelinePace;
  private wake: () => void = () => undefined;
  /** Rules of the cycle that is being imported: everything goes by them until it ends. */
  private cycleRules: number | null = null;

  constructor(
    private readonly jobId: JobId,
    private readonly ports: ImporterPorts,
  ) {
    this.index = new SourceIndex(ports.database, jobId);
    this.systems = new Systems(ports.registry, ports.config, ports.open);
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
    const folding = this.fold.run(this.stop.signal).finally(() => this.wake());
    const working = this.work();
    try {
      await Promise.race([working, folding]);
    } catch (error) {
      if (!signal.aborted) throw error; // what is given up for a stop is no failure
    } finally {
      this.stop.abort();
      await Promise.allSettled([working, folding]); // thrown by the race already
      this.pace.close();
      await this.systems.close();
    }
  }

  private async work(): Promise<void> {
    await this.folded();
    while (!this.stop.signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      await this.importAgain();
      const cycle = await this.index.findOpenCycle();
      if (cycle) await this.importCycle(cycle);
      else await Promise.race([woken, sleep(2_000)]);
    }
  }

  private async importCycle(cycle: NonNullable<Awaited<ReturnType<SourceIndex['findOpenCycle']>>>): Promise<void> {
    const { database } = this.ports;
    this.cycleRules = cycle.opened.rules;
    if (!cycle.progress) await this.index.clearScratch();
    const ended = await new ImportCycle(cycle, {
      jobId: this.jobId,
      database,
      index: this.index,
      outdated: new OutdatedObjects(database, this.jobId),
      writer: this.writer,
      openSystems: (rules) => this.systems.open(rules, this.stop.signal),
      mappingAt: async (rules) => (await this.ports.registry.rulesAt(rules)).definition.objects[0]!,
      findOwners: this.findOwners,
      folded: this.folded,
      basis: () => this.fold.position,
      betweenPages: async (cycleId, imported) => {
        await this.importAgain();
        await this.pace.keep(cycleId, imported, this.stop.signal);
      },
      signal: this.stop.signal,
    }).run();
    await this.foldedTo(ended);
    await this.index.clearScratch();
    this.cycleRules = null;
  }

  private async importAgain(): Promise<void> {
    if ((await this.index.listAgain(1)).length === 0) return;
    await this.folded(); // what was read a moment ago is the newest that is known, and what was answered is not asked any more
    const asked = await this.index.listAgain(mostAgain);
    if (asked.length === 0) return;
    if (asked.some(({ request }) => request.round > 0)) await sleep(settleMs);
    const rules = this.cycleRules ?? this.ports.registry.find(this.jobId)!.rules;
    try {
      const systems = await this.systems.open(rules, this.stop.signal);
      const { jobId, index, findOwners } = this;
      const sayings = await importAgain(oncePerObject(asked), {
        jobId,
        systems,
        index,
        findOwners,
        basis: this.fold.position,
        signal: this.stop.signal,
      });
      await this.foldedTo(await this.writer.append(sayings));
    } catch (error) {
      if (!(error instanceof ConnectorError) || this.stop.signal.aborted) throw error;
      await this.foldedTo(
        await this.writer.append(asked.map((each) => ({ said: this.sayUnasked(each, rules, error), cause: each.sequence }))),
      );
    }
  }

  private sayUnasked({ request }: { request: Parameters<typeof importAgain>[0][number]['request'] }, rules: number, error: ConnectorError) {
    const { attempt, round, objectKey, sourceId } = request;
    const facts = { jobId: this.jobId, cycleId: request.cycleId, changeId: request.changeId, objectKey, rules, attempt, round };
    return sayFailed(facts as Parameters<typeof sayFailed>[0], sourceId, 'target', null, failureOf(error));
  }

  /** Asked only for accounts that were found by matching: everything said so far must have reached the tables first. */
  private readonly findOwners = async (targetIds: readonly string[]): Promise<ReadonlyMap<string, ObjectKey>> => {
    if (targetIds.length === 0) return new Map();
    await this.folded();
    return this.index.findOwners(targetIds);
  };

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

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
