import { randomUUID } from 'node:crypto';

import type { EventLog } from '@provident/bus';
import { ConnectorError } from '@provident/connectors';
import {
  type CommandAnswer,
  type Demand,
  ExportDeferred,
  ExportFailed,
  type LogEvent,
  ObjectExported,
  type OnDemandResult,
  type OnDemandView,
  type ProvisionOnDemand,
  RemovalHeld,
  RuleEvaluated,
  demandLaneOf,
  demandRequestId,
  is,
  laneOf,
  subjectOf,
} from '@provident/contracts';
import { type ChangeId, type ObjectType, objectKeyOf } from '@provident/domain';

import { sayFailed } from '../cycle/import-objects.js';
import { failureOf } from '../cycle/look-up.js';
import { type OpenSystems, type Typed, systemsFor } from '../systems.js';
import { type DemandPorts, type Demanded, demandedChange, importDemanded } from './demanded-import.js';
import { describeOutcome } from './describe-result.js';

export interface OnDemandPorts extends DemandPorts {
  readonly lanes: number;
  /** The log as it may be shown: what is sensitive stays sealed. */
  readonly shownLog: EventLog;
  /** The systems under the newest rules; of their own, so that nothing waits behind a cycle. */
  readonly openSystems: (signal: AbortSignal) => Promise<OpenSystems>;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** When the answer is due; what has not ended by then goes on all the same. */
const patienceMs = 25_000;
/** Events that one import says of an object. */
const mostSaid = 2;

type Asked = ProvisionOnDemand;
type Subject = Asked['subjects'][number];
type Anchored = Subject & { readonly anchor: string };

/** Failures of a record; of anything else nobody knows whether it is about the object. */
const isAboutRecord = ({ kind }: ConnectorError): boolean => kind === 'rejected';

/** Provisions single objects at once, beside whatever cycle is open, and tells every step. */
export class OnDemand {
  /** Changes that somebody here waits for: what is sent back of them is taken up here. */
  private readonly waitedFor = new Set<string>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly ports: OnDemandPorts) {}

  isWaitedFor = (changeId: string): boolean => this.waitedFor.has(changeId);

  async provision(asked: Asked): Promise<CommandAnswer> {
    const due = new AbortController();
    const timer = setTimeout(() => due.abort(new Error('the answer is due')), patienceMs);
    try {
      return await this.provisionUntil(asked, AbortSignal.any([this.ports.signal, due.signal]));
    } finally {
      clearTimeout(timer);
    }
  }

  private async provisionUntil({ subjects, allowRemoval, by, jobId }: Asked, signal: AbortSignal): Promise<CommandAnswer> {
    const requestId = demandRequestId(randomUUID());
    const startedAt = this.ports.now().toISOString();
    let systems: OpenSystems;
    try {
      systems = await this.inTurn(() => this.ports.openSystems(signal));
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      return { ok: false, message: `a system of job "${jobId}" cannot be opened: ${error.message}`, issues: [], result: {} };
    }
    const wrong = subjects.find(({ objectType }) => !systemsFor(systems, objectType));
    if (wrong) return { ok: false, message: `job "${jobId}" provisions no "${wrong.objectType}" objects`, issues: [], result: {} };
    const results = await Promise.all(
      (await this.eachOnce(subjects, systems)).map((subject) =>
        this.provisionOne(subject, requestId, { by, allowRemoval }, systemsFor(systems, subject.objectType)!, startedAt, signal),
      ),
    );
    const view: OnDemandView = { jobId, requestId, by, revision: systems.configured.revision, results };
    return { ok: true, message: summary(results), issues: [], result: view };
  }

  /** Whoever is named twice, by the id in the source and by that of the account too, is one object. */
  private async eachOnce(subjects: readonly Subject[], systems: OpenSystems): Promise<Anchored[]> {
    const anchored = subjects.map(async (subject): Promise<Anchored> => {
      const { type } = systemsFor(systems, subject.objectType)!.mapping;
      return { ...subject, anchor: (await this.ports.index.findAnchorOf(type, subject.id)) ?? subject.id };
    });
    const all = await Promise.all(anchored);
    return [...new Map(all.map((each) => [objectKeyOf(each.objectType, each.anchor), each])).values()];
  }

  private async provisionOne(
    subject: Anchored,
    requestId: string,
    demand: Demand,
    systems: Typed<OpenSystems>,
    startedAt: string,
    signal: AbortSignal,
  ): Promise<OnDemandResult> {
    const { ports } = this;
    const { type } = systems.mapping;
    const { anchor } = subject;
    const changeId = demandedChange(requestId, objectKeyOf(type, anchor));
    this.waitedFor.add(changeId);
    try {
      const asked = { requestId, objectType: type, anchor, demand, round: 0, cause: 0 };
      const sequence = await this.import(asked, signal);
      if (sequence === null)
        return this.result(subject, anchor, [], systems, startedAt, { status: 'not-found', reason: notFound(anchor, systems) });
      const events = await this.follow(asked, changeId, sequence, signal);
      return this.result(subject, anchor, events, systems, startedAt);
    } catch (error) {
      ports.signal.throwIfAborted();
      if (error instanceof ConnectorError) return this.unasked(subject, anchor, systems, startedAt, error);
      if (signal.aborted) return this.result(subject, anchor, [], systems, startedAt);
      throw error;
    } finally {
      this.waitedFor.delete(changeId);
    }
  }

  /** A record that cannot be used is told of like any other; when a system does not answer, nothing is known of the object and nothing is told. */
  private import(asked: Demanded, signal: AbortSignal): Promise<number | null> {
    return this.inTurn(async () => {
      const systems = systemsFor(await this.ports.openSystems(signal), asked.objectType);
      if (!systems) throw unmapped(asked.objectType);
      return this.importWith(asked, systems, signal);
    });
  }

  private async importWith(asked: Demanded, systems: Typed<OpenSystems>, signal: AbortSignal): Promise<number | null> {
    const { ports } = this;
    try {
      return await importDemanded(asked, systems, ports, signal);
    } catch (error) {
      if (!(error instanceof ConnectorError) || !isAboutRecord(error) || signal.aborted) throw error;
      const objectKey = objectKeyOf(systems.mapping.type, asked.anchor);
      const { jobId } = ports;
      const { requestId, round, demand } = asked;
      const changeId = demandedChange(requestId, objectKey);
      const facts = { jobId, cycleId: requestId, changeId, objectKey, rules: systems.rules, attempt: 0, round, demand };
      const { code, message } = error.facts;
      const said = sayFailed(facts as Parameters<typeof sayFailed>[0], asked.anchor, 'source', null, {
        kind: 'invalid-source',
        code,
        message,
      });
      return ports.writer.appendOnDemand([{ said, cause: asked.cause }]);
    }
  }

  /**
   * All events of a change until it has ended, or until the answer is due. What is sent back is imported anew at once.
   * @param sequence of the last thing that its import said
   */
  private async follow(asked: Demanded, changeId: ChangeId, sequence: number, signal: AbortSignal): Promise<LogEvent[]> {
    const { jobId, shownLog, lanes, foldedTo } = this.ports;
    const lane = demandLaneOf(laneOf(objectKeyOf(asked.objectType, asked.anchor), lanes));
    const ended = new AbortController();
    const found: LogEvent[] = [];
    const filters = (['importer', 'rule-evaluator', 'exporter'] as const).map((stage) => subjectOf(jobId, lane, stage));
    for await (const events of shownLog.read({ filters, after: sequence - mostSaid, signal: AbortSignal.any([signal, ended.signal]) })) {
      for (const event of events) {
        if ((event.data as { changeId?: string }).changeId !== changeId) continue;
        found.push(event);
        if (hasEnded(event, asked.demand)) ended.abort();
        if (!is(event, ExportDeferred) || signal.aborted) continue;
        await foldedTo(event.sequence);
        const again = await this.import({ ...asked, round: event.data.round + 1, cause: event.sequence }, signal);
        if (again === null) ended.abort();
      }
    }
    return found;
  }

  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => undefined); // told to whoever asked
    return done;
  }

  private unasked(subject: Subject, anchor: string, systems: Typed<OpenSystems>, startedAt: string, error: ConnectorError): OnDemandResult {
    const failure = failureOf(error);
    const at = this.ports.now().toISOString();
    const steps = [
      {
        type: 'connection' as const,
        name: 'Test the connection',
        status: 'failure' as const,
        description: failure.message,
        at,
        details: { failure },
      },
    ];
    return this.result(subject, anchor, [], systems, startedAt, {
      status: 'failure',
      reason: { code: failure.code, text: failure.message },
      steps,
    });
  }

  private result(
    { objectType }: Subject,
    anchor: string,
    events: readonly LogEvent[],
    { mapping, configured: { systems } }: Typed<OpenSystems>,
    startedAt: string,
    otherwise: Partial<OnDemandResult> = {},
  ): OnDemandResult {
    const { targetId, ...outcome } = describeOutcome(events, { mapping, systems });
    return {
      objectType,
      ...outcome,
      source: { system: systems.source, id: anchor },
      target: { system: systems.target, id: targetId },
      startedAt,
      endedAt: this.ports.now().toISOString(),
      ...otherwise,
    };
  }
}

function hasEnded(event: LogEvent, { allowRemoval }: Demand): boolean {
  if (is(event, ObjectExported) || is(event, ExportFailed)) return true;
  if (is(event, RemovalHeld)) return !allowRemoval;
  return is(event, RuleEvaluated) && ['skip', 'unchanged', 'fail'].includes(event.data.action);
}

/** The rules have changed since the request was taken. */
const unmapped = (type: ObjectType): ConnectorError =>
  new ConnectorError({ kind: 'misconfigured', code: 'type-not-mapped', message: `the job has no rules for "${type}" objects any more` });

const notFound = (anchor: string, { configured: { systems }, mapping }: Typed<OpenSystems>) => ({
  code: 'not-in-source',
  text: `${systems.source} has ${mapping.type === 'user' ? 'nobody' : `no ${mapping.type}`} with the id "${anchor}", no account is linked to it, and none has that id: nothing was done`,
});

function summary(results: readonly OnDemandResult[]): string {
  const count = (status: OnDemandResult['status']): number => results.filter((each) => each.status === status).length;
  const parts = (['success', 'skipped', 'held', 'failure', 'in-progress', 'not-found'] as const)
    .map((status) => [status, count(status)] as const)
    .filter(([, times]) => times > 0);
  return parts.map(([status, times]) => `${times} ${status}`).join(', ');
}
