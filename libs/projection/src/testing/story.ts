import type { DataOf, EventDefinition, Failure, LogEvent, Stage, Tally } from '@provident/contracts';
import {
  CycleClosed,
  CycleOpened,
  DriftFound,
  emptyTally,
  EscrowCleared,
  EscrowExpired,
  EscrowRecorded,
  EscrowSuperseded,
  EscrowWoken,
  ExportDeferred,
  ExportFailed,
  ImportCompleted,
  ImportFailed,
  JobConfigured,
  JobDisabled,
  JobQuarantined,
  JobRecovered,
  JobStateChanged,
  jobLane,
  laneOf,
  NoticeFailed,
  NoticeSent,
  ObjectExported,
  ObjectImportFailed,
  PageImported,
  PersonErased,
  privacyLane,
  RemovalHeld,
  RemovalWithdrawn,
  RemovalsHeld,
  RemovalsReleased,
  RetryDue,
  RuleEvaluated,
  SourceObjectImported,
  TargetObjectImported,
} from '@provident/contracts';
import { JobDefinition, objectKeyOf } from '@provident/domain';

/** What happens to one person in one cycle. */
export const plots = [
  'joiner',
  'mover',
  'leaver',
  'gone',
  'unchanged',
  'out-of-scope',
  'bad-record',
  'ambiguous',
  'rejected',
  'given-up',
  'held',
  'deferred',
] as const;
export type Plot = (typeof plots)[number];

export interface Person {
  readonly plot: Plot;
  /** Source anchor. */
  readonly id: string;
  readonly name?: string;
}

const rejection: Failure = {
  kind: 'rejected',
  code: 'invalid-value',
  message: 'the target answered 400: "phone is not a number"',
  status: 400,
};
const badRecord: Failure = { kind: 'invalid-source', code: 'no-anchor', message: 'row 17 has no employee number' };
const twoAccounts: Failure = { kind: 'ambiguous-match', code: 'duplicate-target-entries', message: 'two accounts have this user name' };
const noConnection: Failure = { kind: 'unavailable', code: 'timeout', message: 'the source did not answer within 30 s' };
const system = { kind: 'system', name: 'Provident' } as const;
const admin = { kind: 'user', name: 'kim' } as const;

const lanes = 4;

/** Tells valid events in the order and grouping in which the pipeline writes them: a page's imports, its rulings, its exports. */
export class Story {
  readonly events: LogEvent[] = [];
  private sequence = 0;
  private clock: number;
  private cycles = 0;
  private rules = 0;

  constructor(
    readonly jobId = 'hr-to-wiki',
    startAt = '2026-03-02T09:00:00.000Z',
    /** Sequences continue behind this one. */
    after = 0,
  ) {
    this.clock = Date.parse(startAt);
    this.sequence = after;
  }

  configured(overrides: Record<string, unknown> = {}): this {
    const definition = JobDefinition.parse({
      job: this.jobId,
      name: 'HR to Wiki',
      source: { connector: 'file', config: { path: 'people.csv' } },
      target: { connector: 'scim', config: { url: 'http://127.0.0.1/scim' } },
      objects: [{ type: 'user', attributes: [{ target: 'userName', source: 'mail', matching: 1 }] }],
      ...overrides,
    });
    this.rules = this.sequence + 1;
    return this.job(JobConfigured, { revision: 1, definition, baseDir: '/jobs', by: admin, systems: { source: 'HR', target: 'Wiki' } });
  }

  /** A whole cycle, closed with its tally, and what happens to its objects afterwards. */
  cycle(people: readonly Person[], { kind = 'incremental' as 'initial' | 'incremental', pageSize = 100, close = true } = {}): this {
    const cycleId = `${this.jobId}-c${++this.cycles}`;
    this.job(CycleOpened, { cycleId, kind, rules: this.rules, watermark: null, by: system });
    const openedAt = this.events.at(-1)!.at;
    const tally: Tally = { ...emptyTally };
    const after: (() => void)[] = [];
    for (let from = 0, page = 1; from < people.length; from += pageSize, page++) {
      this.page(cycleId, people.slice(from, from + pageSize), tally, after);
      this.job(
        PageImported,
        { cycleId, page, cursor: { page }, read: tally.read, imported: tally.imported, failed: 0, total: people.length },
        'importer',
      );
    }
    this.job(
      ImportCompleted,
      {
        cycleId,
        watermark: { page: 1 },
        read: tally.read,
        imported: tally.imported,
        failed: 0,
        gone: 0,
        reevaluated: 0,
        absenceWithheld: null,
        linked: 100,
      },
      'importer',
    );
    if (tally.held > 0) this.job(RemovalsHeld, { cycleId, proposed: tally.held, linked: 100, threshold: '20 %', until: 'person' });
    if (close)
      this.job(CycleClosed, {
        cycleId,
        kind,
        result: tally.escrowed > 0 ? 'entry-level-errors' : 'succeeded',
        tally,
        openedAt,
        failure: null,
      });
    if (tally.held > 0 && close) this.job(RemovalsReleased, { cycleId, proposed: tally.held, by: admin });
    for (const tell of after) tell();
    return this;
  }

  /** A cycle that looks at the accounts, and finds that of one of them changed by hand and another gone. */
  drift(
    checked: number,
    changed: string,
    gone: string,
    mode: 'report' | 'repair' = 'report',
    members?: DataOf<typeof DriftFound>['members'],
  ): this {
    const cycleId = `${this.jobId}-c${++this.cycles}`;
    this.job(CycleOpened, { cycleId, kind: 'incremental', rules: this.rules, watermark: { page: 1 }, by: admin, drift: mode });
    const openedAt = this.events.at(-1)!.at;
    const tell = (id: string, found: object, type = 'user'): void => {
      const objectKey = objectKeyOf(type, id);
      const about = { jobId: this.jobId, cycleId, objectKey, sourceId: id, targetId: `w-${id}`, mode };
      this.say(DriftFound, { ...about, ...found }, 'importer', laneOf(objectKey, lanes));
    };
    tell(changed, { account: 'differs', attributes: [{ attribute: 'title', expected: 'Clerk', found: 'Head' }] });
    tell(gone, { account: 'vanished', attributes: [] });
    if (members) tell('G-1', { account: 'differs', attributes: [], members }, 'group');
    const drift = { mode, checked, differ: 1, vanished: 1, unasked: 0 };
    const none = { read: 0, imported: 0, failed: 0, gone: 0, reevaluated: 0, absenceWithheld: null };
    this.job(ImportCompleted, { cycleId, watermark: { page: 1 }, ...none, linked: checked, drift }, 'importer');
    return this.job(CycleClosed, { cycleId, kind: 'incremental', result: 'succeeded', tally: emptyTally, openedAt, failure: null });
  }

  /** A cycle whose source cannot be read, the quarantine that follows, and its end. */
  failedCycle(): this {
    const cycleId = `${this.jobId}-c${++this.cycles}`;
    this.job(CycleOpened, { cycleId, kind: 'incremental', rules: this.rules, watermark: { page: 1 }, by: system });
    const { at } = this.events.at(-1)!;
    this.job(ImportFailed, { cycleId, side: 'source', read: 0, imported: 0, failure: noConnection }, 'importer');
    this.job(CycleClosed, { cycleId, kind: 'incremental', result: 'failed', tally: emptyTally, openedAt: at, failure: noConnection });
    const nextAttemptAt = new Date(this.clock + 3_600_000).toISOString();
    return this.job(JobQuarantined, { reason: 'connection', failure: noConnection, beganAt: at, count: 1, nextAttemptAt });
  }

  /** The job runs in vain until it is disabled; people are told, and somebody starts it again. */
  disabled(): this {
    const { at, sequence } = this.events.at(-1)!;
    const nextAttemptAt = new Date(this.clock + 3_600_000).toISOString();
    const found = (reason: string, count: number) =>
      this.job(JobQuarantined, { reason, failure: noConnection, beganAt: at, count, nextAttemptAt });
    found('connection', 1);
    found('connection', 2);
    const notice = { noticeId: `${this.jobId}-e${sequence + 1}`, kind: 'quarantine-entered' };
    this.job(NoticeFailed, { ...notice, channel: 'webhook', attempts: 1, message: 'no answer', nextAttemptAt });
    this.job(NoticeSent, { ...notice, channel: 'webhook', attempts: 2 });
    this.job(NoticeFailed, { ...notice, channel: 'email', attempts: 9, message: 'no such server', nextAttemptAt: null });
    found('failure-proportion', 3);
    this.job(JobDisabled, { reason: 'failure-proportion', failure: noConnection, quarantinedAt: at });
    return this.job(JobRecovered, { by: admin, quarantinedAt: at });
  }

  /** What comes after the cycle: one person is woken, given up and taken up by a later cycle, a second fails for the same reason, and the removal of a third is off. */
  aftermath(): this {
    const about = (id: string, cycleId: string, attempt: number) => ({
      jobId: this.jobId,
      cycleId,
      changeId: `${cycleId}-${id}`,
      objectKey: objectKeyOf('user', id),
      rules: this.rules,
      attempt,
      round: 0,
      displayName: `Person ${id}`,
    });
    const [first, later] = [`${this.jobId}-c1`, `${this.jobId}-later`];
    const cause = { id: 'http-400-1abc', operation: 'create', attribute: null, text: 'the target answered 400: … is not a number' };
    const common = { failure: rejection, cause, firstFailedAt: '2026-03-02T09:00:00.000Z' };
    const tell = (definition: EventDefinition, stage: Stage, id: string, attempt: number, data: object, cycleId = first): void =>
      this.say(definition, { ...about(id, cycleId, attempt), sourceId: id, ...data }, stage, laneOf(objectKeyOf('user', id), lanes));
    const failed = (id: string, attempt: number): void =>
      tell(ExportFailed, 'exporter', id, attempt, { action: 'create', targetId: null, changes: [], failure: rejection, durationMs: 3 });
    const kept = (id: string, attempt: number): void =>
      tell(EscrowRecorded, 'escrow-retrier', id, attempt, { ...common, retries: attempt, nextAttemptAt: '2026-03-02T15:00:00.000Z' });
    const woken = { ...common, nextAttemptAt: '2026-03-02T11:00:00.000Z', wokenBy: 'person', by: admin };

    failed('X-1', 1);
    kept('X-1', 1);
    failed('X-2', 1);
    kept('X-2', 1);
    tell(EscrowWoken, 'escrow-retrier', 'X-1', 1, { ...woken, retries: 1 });
    tell(RetryDue, 'escrow-retrier', 'X-1', 2, { ...common, wokenBy: 'person', nextAttemptAt: null });
    failed('X-1', 2);
    tell(EscrowExpired, 'escrow-retrier', 'X-1', 2, { ...common, retries: 2 });
    tell(RetryDue, 'escrow-retrier', 'X-2', 2, { ...common, wokenBy: 'ladder', nextAttemptAt: null });
    failed('X-3', 1);
    kept('X-3', 1);
    const next = about('X-3', later, 0);
    tell(EscrowSuperseded, 'escrow-retrier', 'X-3', 1, { ...common, retries: 1, wokenBy: 'source', next });
    const reason = { code: 'removals-are-counted', text: 'waits until the removals of the cycle are counted' };
    tell(RemovalHeld, 'exporter', 'X-4', 1, { action: 'delete', targetId: 'w-X-4', reason });
    tell(
      RemovalWithdrawn,
      'exporter',
      'X-4',
      1,
      { heldCycleId: first, heldChangeId: `${first}-X-4`, reason: { code: 'removal-withdrawn', text: 'the removal that waited is off' } },
      later,
    );
    return this;
  }

  /** The job is deleted, whatever it was doing. */
  removed(): this {
    return this.job(JobStateChanged, { state: 'removed', by: admin });
  }

  /** The keys of a person were destroyed. */
  erased(id: string): this {
    const asked = { keyIds: [], why: null, requestedAt: this.events.at(-1)!.at, by: admin };
    this.say(PersonErased, { jobId: this.jobId, objectKey: objectKeyOf('user', id), ...asked }, 'report-api', privacyLane);
    return this;
  }

  recovered(): this {
    return this.job(JobRecovered, { by: system, quarantinedAt: this.events.at(-1)!.at });
  }

  private page(cycleId: string, people: readonly Person[], tally: Tally, after: (() => void)[]): void {
    const tellers = people.map((person) => new Teller(person, cycleId, this.jobId, this.rules, (...said) => this.say(...said)));
    for (const phase of ['import', 'rule', 'export'] as const) {
      for (const teller of tellers) teller[phase]();
    }
    for (const teller of tellers) {
      tally.read += 1;
      tally.imported += 1;
      tally[teller.outcome] += 1;
      after.push(() => teller.afterwards());
    }
  }

  private job(definition: EventDefinition, data: object, stage: Stage = 'job-scheduler'): this {
    this.say(definition, { jobId: this.jobId, ...data }, stage, jobLane);
    return this;
  }

  private say(definition: EventDefinition, data: object, stage: Stage, lane: string): void {
    this.sequence += 1;
    this.clock += 7;
    const at = new Date(this.clock).toISOString();
    this.events.push({
      sequence: this.sequence,
      id: `${this.jobId}-e${this.sequence}`,
      type: definition.type,
      at,
      jobId: this.jobId,
      lane,
      stage,
      cause: 0,
      position: 0,
      data,
    } as LogEvent);
  }
}

type Say = (definition: EventDefinition, data: object, stage: Stage, lane: string) => void;

const outcomes: Record<Plot, Exclude<keyof Tally, 'read' | 'imported'>> = {
  joiner: 'created',
  mover: 'updated',
  leaver: 'disabled',
  gone: 'deleted',
  unchanged: 'unchanged',
  'out-of-scope': 'skipped',
  'bad-record': 'escrowed',
  ambiguous: 'escrowed',
  rejected: 'escrowed',
  'given-up': 'escrowed',
  held: 'held',
  deferred: 'updated',
};

/** Tells what happens to one person. */
class Teller {
  readonly outcome: Exclude<keyof Tally, 'read' | 'imported'>;
  private attempt = 0;
  private round = 0;
  private readonly mail: string;
  private readonly targetId: string;
  private readonly key;

  constructor(
    private readonly person: Person,
    private readonly cycleId: string,
    private readonly jobId: string,
    private readonly rules: number,
    private readonly sayIt: Say,
  ) {
    this.outcome = outcomes[person.plot];
    this.key = objectKeyOf('user', person.id);
    this.mail = `${person.id}@Acme.test`;
    this.targetId = `w-${person.id}`;
  }

  import(): void {
    const { plot, id } = this.person;
    if (plot === 'bad-record') {
      this.say(ObjectImportFailed, 'importer', { sourceId: id, side: 'source', place: 'row 17', failure: badRecord });
      return;
    }
    const change =
      this.attempt + this.round > 0 ? 'again' : plot === 'gone' || plot === 'held' ? 'deleted' : plot === 'joiner' ? 'added' : 'updated';
    const attributes = {
      mail: this.mail,
      givenName: this.name,
      employeeNumber: id,
      department: 'R&D',
      title: 'Engineer "II"',
      active: plot !== 'leaver',
    };
    this.say(SourceObjectImported, 'importer', { sourceId: id, change, attributes, targetFollows: plot !== 'out-of-scope' });
    if (plot === 'out-of-scope') return;
    const account = (target: string) => ({ id: target, attributes: { userName: this.mail, displayName: this.name }, state: 'active' });
    const linked = !this.writesNew && plot !== 'ambiguous';
    this.say(TargetObjectImported, 'importer', {
      by: linked ? 'link' : 'matching',
      tried: linked ? [] : [{ attribute: 'userName', value: this.mail, found: plot === 'ambiguous' ? 2 : 0 }],
      matches: linked ? [account(this.targetId)] : plot === 'ambiguous' ? [account(this.targetId), account(`${this.targetId}-b`)] : [],
      linkedId: linked ? this.targetId : null,
      basis: 0,
    });
  }

  rule(): void {
    const { plot } = this.person;
    const action =
      plot === 'bad-record'
        ? 'fail'
        : plot === 'unchanged'
          ? 'unchanged'
          : plot === 'out-of-scope'
            ? 'skip'
            : plot === 'ambiguous' && this.attempt === 0
              ? 'fail'
              : this.action;
    const inScope = plot !== 'out-of-scope';
    const clause = { filter: 'Staff', clause: "employeeType EQUALS 'staff'", actual: inScope ? 'staff' : 'guest', holds: inScope };
    this.say(RuleEvaluated, 'rule-evaluator', {
      sourceId: this.person.id,
      action,
      reason: plot === 'bad-record' ? { code: 'import-failed', text: 'the object could not be imported' } : reasons[action],
      scope: { inScope, clauses: [clause] },
      targetId: this.writesNew || plot === 'out-of-scope' ? null : this.targetId,
      linksNow: this.writesNew,
      match: inScope ? { attribute: 'userName', value: this.mail } : null,
      changes: action === 'create' || action === 'update' ? this.changes : [],
      enable: false,
      basis: 0,
      failure: action !== 'fail' ? null : plot === 'bad-record' ? badRecord : twoAccounts,
    });
  }

  export(): void {
    const { plot } = this.person;
    if (plot === 'bad-record' || plot === 'unchanged' || plot === 'out-of-scope') return;
    if (plot === 'ambiguous' && this.attempt === 0) return;
    const common = { sourceId: this.person.id, action: this.action };
    if (plot === 'held' && this.attempt === 0) {
      const reason = { code: 'removals-are-counted', text: 'waits until the removals of the cycle are counted' };
      this.say(RemovalHeld, 'exporter', { ...common, targetId: this.targetId, reason });
    } else if (plot === 'given-up' || (plot === 'rejected' && this.attempt === 0)) {
      this.say(ExportFailed, 'exporter', { ...common, targetId: null, changes: this.changes, failure: rejection, durationMs: 31 });
    } else {
      if (plot === 'deferred' && this.attempt === 0) {
        this.say(ExportDeferred, 'exporter', {
          ...common,
          reason: { code: 'account-changed', text: 'the account has changed since it was read' },
        });
        this.round = 1;
        this.import();
        this.rule();
      }
      this.written();
    }
  }

  /** What happens after the cycle: escrow and retries, or the release of a held removal. */
  afterwards(): void {
    const { plot, id } = this.person;
    if (plot === 'held') this.written();
    if (outcomes[plot] !== 'escrowed') return;
    const failure = plot === 'bad-record' ? badRecord : plot === 'ambiguous' ? twoAccounts : rejection;
    const firstFailedAt = '2026-03-02T09:00:00.000Z';
    const keep = (retries: number) =>
      this.say(EscrowRecorded, 'escrow-retrier', {
        sourceId: id,
        failure,
        firstFailedAt,
        retries,
        nextAttemptAt: '2026-03-02T15:00:00.000Z',
      });
    keep(0);
    if (plot === 'bad-record') return;
    this.attempt = 1;
    this.round = 0;
    this.say(RetryDue, 'escrow-retrier', { sourceId: id, firstFailedAt, wokenBy: 'ladder' });
    this.import();
    this.rule();
    this.export();
    if (plot === 'given-up') this.say(EscrowExpired, 'escrow-retrier', { sourceId: id, retries: 1, firstFailedAt, failure });
    else this.say(EscrowCleared, 'escrow-retrier', { sourceId: id, retries: 1, firstFailedAt, outcome: 'created' });
  }

  private get name(): string {
    return this.person.name ?? `Person ${this.person.id}`;
  }

  /** Whether there is no account yet. */
  private get writesNew(): boolean {
    return ['joiner', 'rejected', 'given-up', 'ambiguous'].includes(this.person.plot);
  }

  private get action(): 'create' | 'update' | 'disable' | 'delete' {
    if (this.writesNew) return 'create';
    return this.person.plot === 'leaver' ? 'disable' : this.person.plot === 'gone' || this.person.plot === 'held' ? 'delete' : 'update';
  }

  private get changes() {
    const values = { userName: this.mail, 'name.givenName': this.name, 'emails[type eq "work"].value': this.mail, title: 'Engineer "II"' };
    const all = Object.entries(values).map(([attribute, value]) => ({ attribute, old: null as string | null, new: value }));
    return this.action === 'create' ? all : [{ attribute: 'title', old: 'Engineer', new: 'Engineer "II"' }];
  }

  private written(): void {
    this.say(ObjectExported, 'exporter', {
      sourceId: this.person.id,
      action: this.action,
      targetId: this.targetId,
      changes: this.action === 'create' || this.action === 'update' ? this.changes : [],
      enabled: this.action === 'create',
      durationMs: 12.5,
    });
  }

  private say(definition: EventDefinition, stage: Stage, data: object): void {
    const facts = {
      jobId: this.jobId,
      cycleId: this.cycleId,
      changeId: `${this.cycleId}-${this.person.id}`,
      objectKey: this.key,
      rules: this.rules,
      attempt: this.attempt,
      round: this.round,
      displayName: this.name,
    };
    this.sayIt(definition, { ...facts, ...data }, stage, laneOf(this.key, lanes));
  }
}

const reasons = {
  create: { code: 'not-in-target', text: 'in scope and not in the target yet' },
  update: { code: 'attributes-differ', text: 'one attribute differs' },
  disable: { code: 'inactive-in-source', text: 'no longer active in the source' },
  delete: { code: 'deleted-in-source', text: 'gone from the source' },
  unchanged: { code: 'nothing-differs', text: 'the target holds the wanted values already' },
  skip: { code: 'out-of-scope', text: 'no scoping filter holds' },
  fail: { code: 'duplicate-target-entries', text: 'two accounts match' },
};
