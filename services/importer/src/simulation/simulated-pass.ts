import type { SimulationStore } from '@provident/bus';
import type { SourceFailure, SourcePage, SourceReading } from '@provident/connectors';
import {
  type SimulatedOutcome,
  type SimulatedGuard,
  SimulatedRow,
  type SimulationProgress,
  type StartSimulation,
  noTotals,
} from '@provident/contracts';
import {
  type AttributeBag,
  type JobDefinition,
  type ObjectKey,
  type ObjectMapping,
  type ObjectType,
  asJobId,
  canonicalJson,
  mappingOf,
  objectKeyOf,
  partsOf,
  sourceAttributesOf,
} from '@provident/domain';
import type { DataSource } from 'typeorm';

import { refuseEmptySource, refuseUnfinishedRead, someRecordIsNobodys } from '../cycle/absence.js';
import { AskedAccounts } from '../cycle/accounts.js';
import { type Wanted, displayNameOf } from '../cycle/import-objects.js';
import { nestingOf, settleNesting, takePage, whyAbsenceProvesNothing } from '../cycle/import-memberships.js';
import { ListedAccounts, listPays } from '../cycle/listed-accounts.js';
import { associationsIn } from '../state/associations.js';
import { MembershipIndex } from '../state/membership-index.js';
import { type MappingAt, sameRules } from '../state/rejected-rules.js';
import type { KnownObject, SourceIndex } from '../state/source-index.js';
import { type ReadingSystems, type TypedSystems, systemsFor } from '../systems.js';
import { Aftermath, type MembersRead } from './aftermath.js';
import { followUpRows } from './follow-ups.js';
import { RememberedAccounts } from './remembered-accounts.js';
import { RuleSet } from './rule-set.js';
import { Claims, scratchOf } from './scratch.js';

export interface PassPorts {
  readonly systems: ReadingSystems;
  readonly index: SourceIndex;
  readonly database: DataSource;
  readonly store: SimulationStore;
  readonly mappingAt: MappingAt;
  readonly signal: AbortSignal;
}

export type PassCounts = Omit<SimulationProgress, 'state' | 'at' | 'failure'>;

/** Before anything was read. */
export function nothingCounted({ current }: Pick<StartSimulation, 'current'>): PassCounts {
  const compared = current === null ? { before: null, differing: null } : { before: noTotals, differing: 0 };
  const unknown = { followUps: null, followUpsBefore: null, guard: null, absenceWithheld: null };
  return { read: 0, total: null, totals: noTotals, ...compared, ...unknown };
}

interface Person extends Wanted {
  readonly sourceId: string;
  readonly displayName: string | null;
}

const pageSize = 800;

/**
 * The pass of a simulation over all objects, kind by kind: finds each account as a cycle would, applies the same decisions, and keeps what they say instead of
 * saying it to the pipeline. Then what would follow by itself: members of groups, and references to accounts that have come or gone. Page by page;
 * nothing grows with the number of objects.
 */
export class SimulatedPass {
  /** The systems, as they are to the kind of object that is being judged. */
  private systems!: TypedSystems;
  private accounts!: RememberedAccounts;
  private rules: RuleSet | null = null;
  /** The rules that apply now, when two sets are compared. */
  private current: RuleSet | null = null;
  private at: 'source' | 'target' = 'target';
  private read = 0;
  private readonly expected: (number | null)[] = [];
  private differing = 0;
  private guard: SimulationProgress['guard'] = null;
  private followUps: Pick<PassCounts, 'followUps' | 'followUpsBefore'> = { followUps: null, followUpsBefore: null };
  /** Of each kind that has lost some: how many are gone from the source, and how many came to it. */
  private readonly goneOf: { readonly type: ObjectType; readonly gone: number; readonly fresh: number }[] = [];
  /** Objects of the kind that is being judged that were not known to be there. */
  private fresh = 0;
  /** Records of kinds that were read to their end. */
  private readBefore = 0;
  /** Why absence proves nothing: of the kind that is being judged, and of any. */
  private withheldNow: string | null = null;
  private withheld: string | null = null;

  constructor(
    private readonly order: StartSimulation,
    private readonly ports: PassPorts,
  ) {}

  /** With which of the two systems it is busy: whose failure a failure is. */
  get side(): 'source' | 'target' {
    return this.at;
  }

  /** How far it is. */
  get counts(): PassCounts {
    const nothing = nothingCounted(this.order);
    return {
      read: this.read,
      total: this.total,
      totals: this.rules?.totals ?? nothing.totals,
      before: this.current?.totals ?? nothing.before,
      differing: this.current ? this.differing : nothing.differing,
      ...this.followUps,
      guard: this.guard,
      absenceWithheld: this.withheld,
    };
  }

  /** @throws ConnectorError when one of the systems cannot be asked */
  async run(): Promise<void> {
    const { systems, index } = this.ports;
    this.rules = this.ruleSet(this.order.rules.definition, '');
    this.current = this.order.current && this.ruleSet(this.order.current.definition, ':current');
    for (const { type } of systems.mappings) {
      this.systems = systemsFor(systems, type)!;
      this.readBefore = this.read;
      this.fresh = 0;
      this.withheldNow = null;
      await this.judgeKind();
    }
    this.followUps = await this.foretellFollowUps(await index.countLinked());
  }

  /** Members and references, under both sets of rules; removals that would be held take nobody out of anything. */
  private async foretellFollowUps(linked: number): Promise<typeof this.followUps> {
    const { database, store, signal } = this.ports;
    const sets = [this.rules!, ...(this.current ? [this.current] : [])];
    const readers = await this.readMembers(sets);
    let guard: SimulationProgress['guard'] = null;
    for (const set of sets) {
      const weighed = await this.foretellOf(set, readers.get(set)?.read ?? null, linked);
      if (set === this.rules) guard = weighed;
    }
    for (const set of sets) await set.aftermath.noteCircles();
    const { jobId, simulationId } = this.order.opened;
    for await (const rows of followUpRows(database, jobId, simulationId, this.rules!.aftermath, this.current?.aftermath ?? null)) {
      signal.throwIfAborted();
      await store.addRows(simulationId, rows);
    }
    const [followUps, followUpsBefore = null] = await Promise.all(
      sets.map(async ({ aftermath }, at) => ({ ...(await aftermath.count()), nestingsRefused: readers.get(sets[at]!)?.refused ?? 0 })),
    );
    this.guard = guard;
    return { followUps: followUps!, followUpsBefore };
  }

  /** What would be held, and what follows on the rest. */
  private async foretellOf(set: RuleSet, read: MembersRead | null, linked: number): Promise<SimulatedGuard> {
    const { database, index } = this.ports;
    const leaving = read ? await set.aftermath.countLeaving(read) : [];
    const memberships = new MembershipIndex(database, asJobId(this.order.opened.jobId));
    const shrunk = await Promise.all(
      this.goneOf.map(async ({ type, gone, fresh }) => ({ type, gone, known: (await index.countPresent(type)) + fresh })),
    );
    const members = leaving.length > 0 ? await memberships.countWritten() : 0;
    const { guard, members: held } = await set.weigh(leaving, { linked, members, shrunk });
    await set.aftermath.keepAccounts(guard.held!);
    if (read) await set.aftermath.foretellMembers(read, held);
    return guard;
  }

  /** Reads memberships once, for each set of rules that wants them. @returns what counts of that, and how many groups in groups are left out */
  private async readMembers(sets: readonly RuleSet[]): Promise<Map<RuleSet, { readonly read: MembersRead; readonly refused: number }>> {
    const done = new Map<RuleSet, { readonly read: MembersRead; readonly refused: number }>();
    const systems = systemsFor(this.ports.systems, 'group');
    const { database, signal } = this.ports;
    const { jobId, simulationId } = this.order.opened;
    const readers = sets.map((set) => {
      const mapping = systems && set.membersMapping(systems.abilities);
      const memberships = new MembershipIndex(database, asJobId(jobId), set.aftermath.scratch);
      const nested = systems && mapping ? nestingOf(mapping, systems.abilities) : null;
      return { set, mapping, page: nested && { memberships, cycleId: simulationId, nested }, unusable: 0 };
    });
    if (!systems || readers.every(({ page }) => page === null)) return done;
    this.systems = systems;
    this.at = 'source';
    const reading = await systems.source.readMembers(null, signal);
    if (reading.kind === 'none') return done;
    for await (const page of reading.pages) {
      signal.throwIfAborted();
      for (const reader of readers) if (reader.page) reader.unusable += await takePage(page, reader.page);
      if (page.failures.length > 0) await this.judge([], page.failures);
    }
    this.at = 'target';
    for (const { set, mapping, page, unusable } of readers) {
      if (!page || !mapping) continue;
      const withheld = await whyAbsenceProvesNothing(unusable, page);
      if (set === this.rules) this.withheld ??= withheld;
      await settleNesting(page);
      const rejectedUnder = await sameRules(await page.memberships.listRejectedRules(), mapping, this.ports.mappingAt);
      const read = { withRemovals: withheld === null, rejectedUnder, goneDecides: set.goneDecides };
      done.set(set, { read, refused: await page.memberships.countRefused(simulationId) });
    }
    return done;
  }

  private async judgeKind(): Promise<void> {
    const { systems } = this;
    const { signal } = this.ports;
    this.at = 'target';
    const counted = await systems.gate.pass(() => systems.target.count(systems.mapping.target, signal), signal);
    this.at = 'source';
    const reading = await this.openSource();
    this.expected.push(reading.total);
    this.at = 'target';
    await this.prepare(listPays(systems, counted, reading.total));
    await this.readSource(reading);
    await this.judgeAbsent(reading);
  }

  /** How many records are to be expected of the kinds that were begun, when the source can tell. */
  private get total(): number | null {
    const { expected } = this;
    return expected.length === 0 ? null : expected.reduce((sum, each) => (sum === null || each === null ? null : sum + each));
  }

  private openSource(): Promise<SourceReading> {
    const { source, mapping } = this.systems;
    const attributes = [...new Set(this.mappings().flatMap(sourceAttributesOf))];
    return source.read({ objectType: mapping.source, attributes, resumeAt: null, watermark: null, pageSize }, this.ports.signal);
  }

  private mappings(): ObjectMapping[] {
    return [this.order.rules, this.order.current].flatMap(
      (rules) => (rules && mappingOf(rules.definition, this.systems.mapping.type)) ?? [],
    );
  }

  private async prepare(list: boolean): Promise<void> {
    const { systems: opened } = this;
    const { database, signal } = this.ports;
    const { simulationId } = this.order.opened;
    // What is asked of an account is what any of the rules look at.
    const systems = {
      ...opened,
      mapping: { ...opened.mapping, attributes: this.mappings().flatMap(({ attributes }) => attributes) },
    };
    const listed = list ? await ListedAccounts.list(database, scratchOf(simulationId), simulationId, systems, signal) : null;
    this.accounts = new RememberedAccounts(listed ?? new AskedAccounts(systems, signal));
    for (const rules of [this.rules, this.current]) rules?.enter(opened.mapping.type, this.accounts);
  }

  private ruleSet(definition: JobDefinition, name: string): RuleSet {
    const { database, index } = this.ports;
    const { jobId, simulationId, openedAt } = this.order.opened;
    return new RuleSet(definition, {
      findLinked: (type, targetIds) => index.findOwners(type, targetIds),
      findAssociations: associationsIn(database, asJobId(jobId), this.ports.mappingAt),
      aftermath: new Aftermath(database, jobId, `${scratchOf(simulationId)}${name}`, simulationId),
      claimsOf: (type) => new Claims(database, `${scratchOf(simulationId)}${name}:${type}`, simulationId),
      simulationId,
      at: openedAt,
    });
  }

  private async readSource(reading: SourceReading): Promise<void> {
    let watermark: SourcePage['watermark'] = null;
    this.at = 'source';
    for await (const page of reading.pages) {
      this.ports.signal.throwIfAborted();
      this.at = 'target';
      await this.judgePage(page);
      watermark = page.watermark ?? watermark;
      this.at = 'source';
    }
    refuseUnfinishedRead(watermark);
    this.at = 'target';
  }

  private async judgePage({ objects, failures }: SourcePage): Promise<void> {
    const { mapping } = this.systems;
    const keyOf = (anchor: string): ObjectKey => objectKeyOf(mapping.type, anchor);
    const keys = objects.map(({ anchor }) => keyOf(anchor));
    const known = await this.ports.index.findOutlines(keys);
    this.fresh += [...new Set(keys)].filter((key) => known.get(key)?.deleted ?? true).length;
    await this.ports.index.markSeen(this.order.opened.simulationId, [
      ...keys,
      ...failures.flatMap(({ anchor }) => (anchor === null ? [] : [keyOf(anchor)])),
    ]);
    if (failures.some(({ anchor }) => anchor === null)) this.withheld = this.withheldNow = someRecordIsNobodys;
    const people = objects.map(({ anchor, attributes }, at) =>
      this.person(keys[at]!, anchor, 'again', attributes, known.get(keys[at]!)?.targetId ?? null),
    );
    await this.judge(people, failures);
    this.read += objects.length + failures.length;
  }

  private person(
    objectKey: ObjectKey,
    sourceId: string,
    change: Person['change'],
    attributes: AttributeBag,
    linkedId: string | null,
  ): Person {
    const displayName = displayNameOf(this.systems.mapping, attributes) ?? null;
    return { objectKey, sourceId, displayName, change, attributes, linkedId };
  }

  /** Who was known and did not show in a complete read; and who is gone since longer, but still has an account that has to go. */
  private async judgeAbsent({ kind }: SourceReading): Promise<void> {
    const { index } = this.ports;
    const { simulationId } = this.order.opened;
    const { type } = this.systems.mapping;
    if (this.read === this.readBefore) {
      this.at = 'source';
      refuseEmptySource(type, await index.countPresent(type));
      this.at = 'target';
    }
    if (kind === 'snapshot' && this.withheldNow === null) {
      const gone = await this.judgeGone((after) => index.listUnseen(simulationId, type, after, pageSize));
      if (gone > 0) this.goneOf.push({ type, gone, fresh: this.fresh });
    }
    await this.judgeGone(
      async (after) => index.listLate(simulationId, type, after, pageSize),
      ({ deleted }) => deleted,
    );
  }

  private async judgeGone(
    list: (after: string) => Promise<KnownObject[]>,
    isMeant: (known: KnownObject) => boolean = () => true,
  ): Promise<number> {
    let gone = 0;
    for (let page = await list(''); page.length > 0; page = await list(page.at(-1)!.objectKey)) {
      this.ports.signal.throwIfAborted();
      const people = page
        .filter(isMeant)
        .map(({ objectKey, sourceId, attributes, targetId }) => this.person(objectKey, sourceId, 'deleted', attributes, targetId));
      await this.judge(people, []);
      gone += people.length;
    }
    return gone;
  }

  private async judge(people: readonly Person[], failures: readonly SourceFailure[]): Promise<void> {
    this.accounts.forget();
    const outcomes = await this.rules!.judge(people);
    const before = (await this.current?.judge(people)) ?? null;
    const rows = [
      ...people.map(({ objectKey, sourceId, displayName }, at) =>
        rowOf({ objectKey, sourceId, displayName }, outcomes[at]!, before?.[at] ?? null),
      ),
      ...failures.map((failure) => this.unusable(failure)),
    ];
    const told = this.current ? rows.filter((row) => row.before !== null && differs(row, row.before)) : rows;
    if (this.current) this.differing += told.length;
    await this.ports.store.addRows(this.order.opened.simulationId, told);
  }

  private unusable({ anchor, code, message, place }: SourceFailure): SimulatedRow {
    const objectKey = objectKeyOf(this.systems.mapping.type, anchor ?? `?${place}`);
    const failure = { code, message: `${message} (${place})` };
    const before = this.current?.refuse(failure) ?? null;
    return rowOf({ objectKey, sourceId: anchor, displayName: null }, this.rules!.refuse(failure), before);
  }
}

function rowOf(
  about: Pick<SimulatedRow, 'sourceId' | 'displayName'> & { objectKey: ObjectKey },
  outcome: SimulatedOutcome,
  before: SimulatedOutcome | null,
): SimulatedRow {
  return { ...about, objectType: partsOf(about.objectKey).objectType, part: null, ...outcome, before, valuesLeftOut: false };
}

/** Whether somebody would fare differently: in what is done, to which account, with which values, or why not. */
function differs(one: SimulatedOutcome, other: SimulatedOutcome): boolean {
  const fate = ({ action, targetId, changes, enable, reason }: SimulatedOutcome): string =>
    canonicalJson([action, targetId, [...changes], enable, reason.code]);
  return fate(one) !== fate(other);
}
