import { type Said, say } from '@provident/bus';
import {
  ConnectorError,
  type SourceCursor,
  type SourceFailure,
  type SourceObject,
  type SourcePage,
  type SourceReading,
} from '@provident/connectors';
import { type DataOf, ImportCompleted, ImportFailed, type ObjectFacts, ObjectImportFailed, PageImported } from '@provident/contracts';
import {
  type ChangeId,
  type DriftMode,
  type JobId,
  type ObjectKey,
  type ObjectMapping,
  type ObjectType,
  asCycleId,
  assignmentAttributes,
  objectKeyOf,
  objectTypes,
  sourceAttributesOf,
} from '@provident/domain';
import type { DataSource } from 'typeorm';

import type { JobWriter, Saying } from '../job-writer.js';
import type { DemandReads } from '../on-demand/demand-reads.js';
import { type MappingAt, sameRules } from '../state/rejected-rules.js';
import { contentHash } from '../state/content-hash.js';
import type { MembershipIndex, NotLeaving } from '../state/membership-index.js';
import type { KnownObject, ObjectOutline, OpenCycle, SourceIndex } from '../state/source-index.js';
import type { OutdatedObjects } from '../state/outdated-objects.js';
import { type OpenSystems, type Typed, systemsFor } from '../systems.js';
import type { Accounts } from './accounts.js';
import { AskedAccounts } from './accounts.js';
import { refuseEmptySource, refuseUnfinishedRead, someRecordIsNobodys } from './absence.js';
import { changeIdOf } from './change-id.js';
import {
  type AbsentCursor,
  type CycleCounts,
  type CycleCursor,
  type CycleSoFar,
  type DriftCursor,
  type MembersCursor,
  type RulesCursor,
  type TypedCursor,
  joined,
  noCounts,
  nothingSoFar,
  parted,
  withType,
} from './cycle-cursor.js';
import { type LinkedObject, compareAccounts, nothingChecked, sayDrift, sayDriftedMembers } from './drift.js';
import { compareMembers } from './drifted-members.js';
import { type DueFacts, sayDueMembers, sayLeavingMembers, isKept, sayMissingMembers } from './due-members.js';
import {
  type Candidate,
  type FindAssociations,
  type FindFormerKeys,
  type FindOwners,
  displayNameOf,
  importObjects,
  sayFailed,
} from './import-objects.js';
import { importMemberships, nestingOf } from './import-memberships.js';
import { ListedAccounts, listPays } from './listed-accounts.js';
import { failureOf } from './look-up.js';
import { Reassessment, agreeFor } from './reassessment.js';

export interface CyclePorts {
  readonly jobId: JobId;
  readonly database: DataSource;
  readonly index: SourceIndex;
  readonly memberships: MembershipIndex;
  readonly outdated: OutdatedObjects;
  readonly writer: JobWriter;
  readonly openSystems: (rules: number) => Promise<OpenSystems>;
  /** The rules that stand at a sequence of the log. */
  readonly mappingAt: MappingAt;
  readonly findOwners: FindOwners;
  readonly findFormerKeys: FindFormerKeys;
  readonly findAssociations: FindAssociations;
  /** Objects that are imported on demand meanwhile. */
  readonly demanded: DemandReads;
  /** Resolves once everything that was said so far is in the index. */
  readonly folded: () => Promise<void>;
  /** Position of the log up to which the index is folded. */
  readonly basis: () => number;
  /** Called between pages: what has to be imported again does not wait for the cycle's end. */
  readonly betweenPages: (cycleId: string, imported: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Pages without anything to say are told of now and then only: a crash repeats their reading, and nothing else. */
const quietMs = 1_000;

/** How new some objects are that are about to be said. */
interface Seen {
  /** Log sequence up to which exports are taken into account. */
  readonly basis: number;
  /** Instant of `DemandReads` at which an object's values were read at the earliest. */
  readonly readAt: (objectKey: ObjectKey) => number;
}

/** Two events for each object and one for the page must fit one append. */
const mostPerAppend = 400;
/** Three events for each object that differs. */
const mostCompared = 300;
/** Changes of members that one append holds besides the rest. */
const mostChangesPerAppend = 400;
/** Most records are as they were, and cost a comparison only: pages are larger than appends. */
const pageSize = 800;

/**
 * The import of one cycle, from where it stands to its end. Each page's objects and the cursor are one append. What fails as a whole ends the cycle
 * with the reason; the watermark stays, and nothing follows from what was not read.
 */
export class ImportCycle {
  private counts: CycleCounts;
  /** The systems, as they are to the kind of object that is being imported. */
  private systems!: Typed<OpenSystems>;
  /** What the kinds before it came to. */
  private done: CycleSoFar;
  private accounts!: Accounts;
  private reassessments: ReadonlyMap<ObjectType, Reassessment> = new Map();
  /** The newest listing: it took the place of any before it. */
  private listing: { readonly type: ObjectType; readonly accounts: Accounts; readonly at: number } | null = null;
  /** Types whose accounts came and went while they were listed: each is asked for, from then on. */
  private readonly unsteady = new Set<ObjectType>();
  /** Basis of a listing: what was exported since is not in it. */
  private listedAt: number | null = null;
  private total: number | null = null;
  private saidAt = performance.now();
  /** Instant at which the reading of the source began. */
  private openedAt = Infinity;
  /** Where the page that is being said begins. */
  private at: SourceCursor | null = null;
  /** Objects of the kind at hand that the source says are removed. */
  private removed = 0;
  /** Whether members leave groups in this cycle; unknown after a crash, and then taken for granted. */
  private membersLeave: boolean;
  /** Unusable records of memberships that were told of in this cycle: the beginnings of their changes' ids. */
  private readonly toldOfMembers: Set<string>;
  /** Why absence proves nothing, as far as the source has been read. */
  private withheld: string | null = null;

  constructor(
    private readonly cycle: OpenCycle,
    private readonly ports: CyclePorts,
  ) {
    this.counts = cycle.progress ?? noCounts;
    this.done = this.progress?.done ?? soFarOf(this.progress, this.counts.read);
    this.membersLeave = this.progress !== undefined;
    this.toldOfMembers = new Set(this.progress?.phase === 'members' ? this.progress.told : []);
  }

  private get progress(): TypedCursor | undefined {
    return this.cycle.progress?.cursor as TypedCursor | undefined;
  }

  /** @returns sequence of the event that ended the import */
  async run(): Promise<number> {
    let side: 'source' | 'target' = 'target';
    const now = (current: 'source' | 'target') => (side = current);
    try {
      const systems = await this.ports.openSystems(this.cycle.opened.rules);
      await this.openReassessments(systems);
      if (this.progress?.phase !== 'rules' && this.progress?.phase !== 'drift') await this.readAll(systems, now);
      now('target');
      if (this.progress?.phase !== 'drift')
        for (const mapping of systems.mappings) {
          this.enter(systems, mapping);
          await this.reassess();
        }
      if (this.cycle.opened.drift)
        for (const mapping of systems.mappings) {
          this.enter(systems, mapping);
          await this.lookForDrift(this.cycle.opened.drift);
        }
      return await this.complete();
    } catch (error) {
      if (!(error instanceof ConnectorError) || this.ports.signal.aborted) throw error;
      return this.fail(side, error);
    }
  }

  /** Everything that the source has to tell: people, then what refers to them, then who belongs to what. */
  private async readAll(systems: OpenSystems, now: (side: 'source' | 'target') => void): Promise<void> {
    for (const mapping of systems.mappings) {
      this.enter(systems, mapping);
      if (this.isDone(mapping)) continue;
      this.removed = 0;
      const absent = await this.importType(now);
      this.done = withType(this.done, mapping.type, absent, this.counts.read, this.removed);
    }
    await this.importMemberships(systems, now);
    let left = 0;
    for (const mapping of systems.mappings) {
      this.enter(systems, mapping);
      left += await this.takeUpMoved(now);
    }
    if (left === 0) systems.source.settle();
    now('target');
    for (const mapping of systems.mappings) {
      this.enter(systems, mapping);
      await this.takeUpLate();
    }
  }

  private async openReassessments({ mappings }: OpenSystems): Promise<void> {
    const { outdated, mappingAt } = this.ports;
    const open = async (mapping: ObjectMapping): Promise<[ObjectType, Reassessment]> => [
      mapping.type,
      await Reassessment.open(this.cycle.opened.rules, mapping, { outdated, mappingAt }),
    ];
    this.reassessments = new Map(await Promise.all(mappings.map(open)));
  }

  private enter(systems: OpenSystems, mapping: ObjectMapping): void {
    this.systems = { ...systems, mapping };
    const listing = this.listing?.type === mapping.type ? this.listing : null;
    this.accounts = listing?.accounts ?? new AskedAccounts(this.systems, this.ports.signal);
    this.listedAt = listing?.at ?? null;
    this.withheld = null;
  }

  private get reassessment(): Reassessment {
    return this.reassessments.get(this.systems.mapping.type)!;
  }

  private isDone({ type }: ObjectMapping): boolean {
    return this.progress?.phase === 'members' || isBefore(type, this.progress);
  }

  private isUnderWay(type: ObjectType): boolean {
    return this.progress !== undefined && (this.progress.type ?? 'user') === type;
  }

  /** Imports the objects of one kind, from where that stands to its end. */
  private async importType(now: (side: 'source' | 'target') => void): Promise<AbsentCursor> {
    const cursor = this.isUnderWay(this.systems.mapping.type) ? this.progress : undefined;
    now('target');
    const counted = await this.probeTarget();
    if (cursor?.phase === 'absent') return this.takeUpAbsent(cursor);
    if (cursor?.phase === 'source') this.withheld = cursor.withheld;
    this.at = cursor?.phase === 'source' ? cursor.at : null;
    now('source');
    this.openedAt = this.ports.demanded.instant();
    const reading = await this.openSource(this.at);
    this.total = reading.total;
    now('target');
    this.accounts = await this.chooseAccounts(this.takesEverybodyUp, counted, reading.total);
    const read = await this.readSource(reading, now);
    now('target');
    return this.takeUpAbsent(read);
  }

  /** Groups alone have members. What the source says of them is told first; what of it can be written is part of this cycle. */
  private async importMemberships(opened: OpenSystems, now: (side: 'source' | 'target') => void): Promise<void> {
    const systems = systemsFor(opened, 'group');
    if (!systems) return;
    const { mapping } = systems;
    this.enter(opened, mapping);
    now('source');
    const { cycleId } = this.cycle.opened;
    // Other rules may have other wishes for groups in groups: then all of it is looked at anew.
    const known = this.reassessment.isDue ? null : this.watermarkOf('members');
    const nested = nestingOf(mapping, systems.abilities);
    // Who is in the groups of a group has to be known to flatten it: what changed alone does not tell.
    const reading = await systems.source.readMembers(known, this.ports.signal, nested !== 'flatten');
    const summary =
      reading.kind === 'none'
        ? null
        : await importMemberships(reading, {
            ...this.ports,
            cycleId,
            cause: this.cycle.sequence,
            nested,
            sayUnusable: (failures) => this.sayUnusableMemberships(failures),
            told: () => this.ports.betweenPages(cycleId, this.counts.imported),
          });
    this.done = {
      ...this.done,
      watermarks: { ...this.done.watermarks, members: reading.watermark },
      ...(summary && { memberships: summary }),
    };
    now('target');
    await this.ports.folded();
    const facts: DueFacts = { cycleId, attempt: 0, cause: this.cycle.sequence };
    const ports = { ...this.ports, systems };
    const append = (sayings: readonly Saying[], changes: number): Promise<number> => this.sayChanges(sayings, changes);
    if ((await sayLeavingMembers(ports, { besides: await this.notLeaving(systems), facts }, append)) > 0) this.membersLeave = true;
    // In a first cycle most accounts are still on their way: the members follow right behind it, and how many were early is no part of its count.
    if (this.cycle.opened.kind === 'incremental') await sayDueMembers(ports, () => facts, append);
  }

  /** They are read from the beginning after a crash: what was told of unusable records is told once. */
  private async sayUnusableMemberships(failures: readonly SourceFailure[]): Promise<void> {
    const fresh = new Map(failures.map((failure) => [this.unusableChange(failure).slice(0, 13), failure]));
    for (const id of this.toldOfMembers) fresh.delete(id);
    for (const id of fresh.keys()) this.toldOfMembers.add(id);
    if (fresh.size > 0) await this.say([], [...fresh.values()], this.membersCursor, 0, this.seenNow([]));
  }

  private get membersCursor(): MembersCursor {
    return this.toldOfMembers.size === 0 ? { phase: 'members' } : { phase: 'members', told: [...this.toldOfMembers] };
  }

  private async notLeaving({ mapping, mappings }: Typed<OpenSystems>): Promise<NotLeaving> {
    const { memberships, mappingAt } = this.ports;
    const users = mappings.find(({ type }) => type === 'user');
    const rejectedUnder = await sameRules(await memberships.listRejectedRules(), mapping, mappingAt);
    const policy = users?.removals.deleted ?? 'ignore';
    return { gone: policy !== 'ignore' && users!.actions.includes(policy), rejectedUnder };
  }

  /** Changes of members count as imports of this cycle, each of them once. */
  private async sayChanges(sayings: readonly Saying[], changes: number): Promise<number> {
    this.counts = { ...this.counts, page: this.counts.page + 1, imported: this.counts.imported + changes };
    return this.ports.writer.append(sayings, [this.caused(this.sayProgress(this.membersCursor))]);
  }

  private watermarkOf(what: ObjectType | 'members'): SourceCursor | null {
    return parted(this.cycle.opened.watermark as SourceCursor | null)[what] ?? null;
  }

  /** A target that is down fails the cycle even when nothing has changed: otherwise nobody would know. It is asked anew, whatever was found a moment ago. */
  private probeTarget(): Promise<number | null> {
    const { gate, target, mapping } = this.systems;
    gate.reopen();
    return gate.pass(() => target.count(mapping.target, this.ports.signal), this.ports.signal);
  }

  private openSource(resumeAt: SourceCursor | null): Promise<SourceReading> {
    const { source, mapping } = this.systems;
    const { watermark } = this;
    return source.read(
      { objectType: mapping.source, attributes: sourceAttributesOf(mapping), resumeAt, watermark, pageSize },
      this.ports.signal,
    );
  }

  /** From where the source is read; null reads everything, which rules that need more than was read before ask for once. */
  private get watermark(): SourceCursor | null {
    return this.reassessment.lacking.length > 0 ? null : this.watermarkOf(this.systems.mapping.type);
  }

  /** Otherwise only those who have changed. */
  private get takesEverybodyUp(): boolean {
    return this.cycle.opened.kind === 'initial' || this.reassessment.lacking.length > 0;
  }

  /** Listing may pay when many are taken up; of a few each is asked for. @param counted accounts that the target holds, if it tells */
  private async chooseAccounts(many: boolean, counted: number | null, objects: number | null): Promise<Accounts> {
    const { database, jobId, signal } = this.ports;
    const { cycleId } = this.cycle.opened;
    const { type } = this.systems.mapping;
    if (!many || this.unsteady.has(type) || !listPays(this.systems, counted, objects)) return new AskedAccounts(this.systems, signal);
    const at = this.ports.basis();
    const accounts = await ListedAccounts.list(database, jobId, cycleId, this.systems, signal);
    if (accounts === null) this.unsteady.add(type);
    this.listing = accounts && { type, accounts, at };
    this.listedAt = accounts && at;
    return accounts ?? new AskedAccounts(this.systems, signal);
  }

  private async readSource(reading: SourceReading, now: (side: 'source' | 'target') => void): Promise<AbsentCursor> {
    let { watermark } = this;
    // The target may have been listed meanwhile: a job that was stopped since reads nothing.
    await this.ports.betweenPages(this.cycle.opened.cycleId, this.counts.imported);
    now('source');
    for await (const page of reading.pages) {
      now('target');
      await this.importPage(page);
      if (page.watermark) watermark = page.watermark;
      await this.ports.betweenPages(this.cycle.opened.cycleId, this.counts.imported);
      now('source');
    }
    refuseUnfinishedRead(watermark);
    if (reading.kind !== 'snapshot') return { phase: 'absent', after: '', watermark, withheld: null, gone: -1 };
    return { phase: 'absent', after: '', watermark, withheld: await this.whyAbsenceProvesNothing(), gone: 0 };
  }

  private async whyAbsenceProvesNothing(): Promise<string | null> {
    const { type } = this.systems.mapping;
    if (this.counts.read === this.done.read) refuseEmptySource(type, await this.ports.index.countPresent(type));
    return this.withheld;
  }

  private async importPage(page: SourcePage): Promise<void> {
    const { mapping } = this.systems;
    const { index } = this.ports;
    const { cycleId } = this.cycle.opened;
    const keyOf = (anchor: string): ObjectKey => objectKeyOf(mapping.type, anchor);
    const keys = page.objects.map(({ anchor }) => keyOf(anchor));
    const failedKeys = page.failures.flatMap(({ anchor }) => (anchor === null ? [] : [keyOf(anchor)]));
    const removedKeys = page.removed.map(keyOf);
    const seen = this.seenNow([...keys, ...removedKeys]);
    const renewed = await this.readAnew(page.objects, keyOf, seen);
    const known = await index.findOutlines(keys);
    const gone = await index.findObjects(removedKeys);
    await index.markSeen(cycleId, [...keys, ...failedKeys]);
    if (page.failures.some(({ anchor }) => anchor === null)) {
      this.withheld = someRecordIsNobodys;
    }
    const renewedKeys = renewed.objects.map(({ anchor }) => keyOf(anchor));
    const same = await this.findSame(renewed.objects, renewedKeys, known);
    const present = renewed.objects.flatMap(({ anchor, attributes }, at) =>
      this.candidate(renewedKeys[at]!, anchor, attributes, known.get(renewedKeys[at]!), same.has(renewedKeys[at]!)),
    );
    const removed = [...gone.values()].filter(({ deleted }) => !deleted).map((each) => this.goneCandidate(each));
    this.removed += removed.length;
    await this.sayPage([...present, ...removed], page, renewed);
  }

  /** What is known now of objects whose values have just come. */
  private seenNow(keys: readonly ObjectKey[]): Seen {
    const at = this.ports.demanded.instant();
    this.ports.demanded.readElsewhere(keys, at);
    return { basis: this.ports.basis(), readAt: () => at };
  }

  /** A page may be older than what was read on demand since the reading of the source began: of these objects the newest is asked for. */
  private async readAnew(
    objects: readonly SourceObject[],
    keyOf: (anchor: string) => ObjectKey,
    seen: Seen,
  ): Promise<Seen & { readonly objects: SourceObject[] }> {
    const { demanded, signal } = this.ports;
    const { source, mapping } = this.systems;
    const at = new Map<ObjectKey, number>();
    const newest: SourceObject[] = [];
    for (const each of objects) {
      const key = keyOf(each.anchor);
      if (!demanded.isReadSince(key, this.openedAt)) {
        newest.push(each);
        continue;
      }
      at.set(key, demanded.instant());
      demanded.readElsewhere([key], demanded.instant());
      // Who is gone since, or has an unusable record since, is the next cycle's affair.
      const found = await source.find(mapping.source, each.anchor, sourceAttributesOf(mapping), signal).catch(unlessUnusable);
      if (found) newest.push(found);
    }
    return { objects: newest, basis: seen.basis, readAt: (key) => at.get(key) ?? seen.readAt(key) };
  }

  /** Who is as he was: the same record, or one that agrees in all that the rules need. Earlier rules may have needed more, and left that in what is known. */
  private async findSame(
    objects: SourcePage['objects'],
    keys: readonly ObjectKey[],
    known: ReadonlyMap<ObjectKey, ObjectOutline>,
  ): Promise<ReadonlySet<ObjectKey>> {
    const same = new Set<ObjectKey>();
    const unlike = new Map<ObjectKey, Candidate['attributes']>();
    for (const [at, { attributes }] of objects.entries()) {
      const outline = known.get(keys[at]!);
      if (!outline || outline.deleted || outline.hash === null) continue;
      if (outline.hash === contentHash(attributes)) same.add(keys[at]!);
      else unlike.set(keys[at]!, attributes);
    }
    const agree = agreeFor(this.systems.mapping);
    const whole = this.cycle.opened.kind === 'incremental' ? await this.ports.index.findObjects([...unlike.keys()]) : new Map();
    for (const [key, { attributes }] of whole) if (agree(attributes, unlike.get(key)!)) same.add(key);
    return same;
  }

  /**
   * A page with much to say takes several appends. All but the last leave the cursor where the page began: a crash repeats the page, and objects that
   * were said already are known then. Unusable records are not known by anything: they stand with the cursor.
   */
  private async sayPage(candidates: readonly Candidate[], { failures, cursor, objects }: SourcePage, seen: Seen): Promise<void> {
    const before = { phase: 'source', at: this.at, withheld: this.withheld } as const;
    const read = objects.length + failures.length;
    let rest = candidates;
    while (rest.length > (failures.length > 0 ? 0 : mostPerAppend) && 2 * rest.length + failures.length >= 2 * mostPerAppend) {
      await this.say(rest.slice(0, mostPerAppend), [], before, 0, seen);
      rest = rest.slice(mostPerAppend);
    }
    await this.say(rest, failures, { ...before, at: cursor }, read, seen);
    this.at = cursor;
  }

  private candidate(
    objectKey: ObjectKey,
    sourceId: string,
    attributes: Candidate['attributes'],
    known: ObjectOutline | undefined,
    isSame: boolean,
  ): Candidate[] {
    const { cycleId, kind } = this.cycle.opened;
    const isNew = known === undefined || known.deleted;
    if (known?.cycleId === cycleId || (isSame && kind === 'incremental')) return [];
    const change = isNew ? 'added' : isSame ? 'again' : 'updated';
    return [
      {
        facts: this.facts(objectKey, displayNameOf(this.systems.mapping, attributes)),
        sourceId,
        change,
        attributes,
        linkedId: known?.targetId ?? null,
      },
    ];
  }

  private goneCandidate({ objectKey, sourceId, attributes, targetId, displayName }: KnownObject): Candidate {
    return { facts: this.facts(objectKey, displayName ?? undefined), sourceId, change: 'deleted', attributes, linkedId: targetId };
  }

  private againCandidate(known: KnownObject): Candidate {
    return { ...this.goneCandidate(known), change: 'again' };
  }

  private facts(objectKey: ObjectKey, displayName: string | undefined): ObjectFacts {
    const { cycleId, rules } = this.cycle.opened;
    const facts = {
      jobId: this.ports.jobId,
      cycleId: asCycleId(cycleId),
      changeId: changeIdOf(cycleId, objectKey),
      objectKey,
      rules,
      attempt: 0,
      round: 0,
    };
    return displayName === undefined ? facts : { ...facts, displayName };
  }

  /** Says one page: its objects, its unusable records, and where the import stands now. */
  private async say(
    candidates: readonly Candidate[],
    failures: readonly SourceFailure[],
    cursor: CycleCursor,
    read: number,
    seen: Seen,
    besides: readonly Saying[] = [],
  ): Promise<void> {
    const { findOwners, findFormerKeys, findAssociations, writer, demanded } = this.ports;
    const basis = this.listedAt ?? seen.basis;
    const isQuiet = candidates.length === 0 && failures.length === 0 && besides.length === 0;
    if (isQuiet && performance.now() - this.saidAt < quietMs) {
      this.counts = { ...this.counts, read: this.counts.read + read };
      return;
    }
    this.saidAt = performance.now();
    const { mapping } = this.systems;
    const context = { mapping, accounts: this.accounts, findOwners, findFormerKeys, findAssociations, basis };
    const all = await importObjects(candidates, context);
    // Until the append is asked for there is no other turn: what was said on demand meanwhile is newer, and stands.
    const said = all.filter(
      (_, at) => !demanded.isReadSince(candidates[at]!.facts.objectKey, seen.readAt(candidates[at]!.facts.objectKey)),
    );
    const unusable = failures.map((failure) => this.sayUnusable(failure));
    this.counts = {
      page: this.counts.page + 1,
      read: this.counts.read + read,
      imported: this.counts.imported + said.length + failures.length,
      failed:
        this.counts.failed + failures.length + said.flat().filter(({ definition }) => definition.type === ObjectImportFailed.type).length,
    };
    await writer.append([...besides, ...[...said.flat(), ...unusable].map(this.caused)], [this.caused(this.sayProgress(cursor))]);
  }

  private sayProgress(cursor: CycleCursor): Said {
    const { jobId } = this.ports;
    const { cycleId } = this.cycle.opened;
    const { type } = this.systems.mapping;
    const isPlain = type === 'user' && (cursor.phase === 'source' || cursor.phase === 'absent');
    const typed: TypedCursor = isPlain ? cursor : { ...cursor, type, done: this.done };
    return say(PageImported, `${cycleId}.page.${this.counts.page}`, jobId, {
      jobId,
      cycleId: asCycleId(cycleId),
      ...this.counts,
      cursor: { ...typed },
      total: this.total,
    });
  }

  private unusableKey = ({ anchor, place }: SourceFailure): ObjectKey => objectKeyOf(this.systems.mapping.type, anchor ?? `?${place}`);

  /** Several records may carry the same anchor: each has a way through the cycle of its own. */
  private unusableChange = (failure: SourceFailure): ChangeId =>
    changeIdOf(this.cycle.opened.cycleId, `${this.unusableKey(failure)} ${failure.place}`);

  private sayUnusable(failure: SourceFailure): Said {
    const { anchor, code, message, place } = failure;
    const facts = { ...this.facts(this.unusableKey(failure), undefined), changeId: this.unusableChange(failure) };
    return sayFailed(facts, anchor, 'source', place, { kind: 'invalid-source', code, message });
  }

  /** Takes up what was known and did not show in a complete read, page by page. */
  private async takeUpAbsent(cursor: AbsentCursor): Promise<AbsentCursor> {
    let at = cursor;
    const { type } = this.systems.mapping;
    while (at.gone >= 0 && at.withheld === null) {
      const seen = this.seenNow([]);
      const absent = await this.ports.index.listUnseen(this.cycle.opened.cycleId, type, at.after, mostPerAppend);
      if (absent.length === 0) break;
      at = { ...at, after: absent.at(-1)!.objectKey, gone: at.gone + absent.length };
      await this.say(
        absent.map((known) => this.goneCandidate(known)),
        [],
        at,
        0,
        seen,
      );
      await this.ports.betweenPages(this.cycle.opened.cycleId, this.counts.imported);
    }
    return at;
  }

  /** Takes up accounts that a retry found to be unwanted: removals are counted in cycles only. */
  private async takeUpLate(): Promise<void> {
    const { index, folded } = this.ports;
    const { cycleId } = this.cycle.opened;
    const { type } = this.systems.mapping;
    if ((await index.listLate(cycleId, type, '', 1)).length === 0) return;
    await folded(); // otherwise what this cycle has imported a moment ago would come twice
    for (let late = await index.listLate(cycleId, type, '', mostPerAppend); late.length > 0; ) {
      const seen = this.seenNow(late.map(({ objectKey }) => objectKey));
      await this.say(
        late.map((known) => (known.deleted ? this.goneCandidate(known) : this.againCandidate(known))),
        [],
        this.membersCursor,
        0,
        seen,
      );
      late = await index.listLate(cycleId, type, late.at(-1)!.objectKey, mostPerAppend);
    }
  }

  /**
   * Takes up those who came into the groups that the scope looks at, or left them, without having changed themselves: no delta tells of them.
   * @returns how many are left for the next cycle, since this one has taken them up already
   */
  private async takeUpMoved(now: (side: 'source' | 'target') => void): Promise<number> {
    const { index, folded, signal, betweenPages } = this.ports;
    const { cycleId } = this.cycle.opened;
    const { source, mapping } = this.systems;
    const names = assignmentAttributes(mapping);
    if (names.length === 0) return 0;
    await folded(); // who was imported a moment ago has not moved since
    now('source');
    const moved = await source.findMoved(mapping.type, names, signal);
    now('target');
    const keys = [...moved.keys()].sort();
    let left = 0;
    for (let from = 0; from < keys.length; from += mostPerAppend) {
      const some = keys.slice(from, from + mostPerAppend);
      const seen = this.seenNow(some);
      const known = [...(await index.findObjects(some)).values()];
      const present = known.filter((each) => !each.deleted && each.hash !== null);
      const movers = present.filter((each) => each.cycleId !== cycleId);
      left += present.length - movers.length;
      await this.say(
        movers.map((each) => this.movedCandidate(each, moved.get(each.objectKey)!)),
        [],
        this.membersCursor,
        0,
        seen,
      );
      await betweenPages(cycleId, this.counts.imported);
    }
    return left;
  }

  private movedCandidate(known: KnownObject, belonging: Candidate['attributes']): Candidate {
    const attributes = Object.entries({ ...known.attributes, ...belonging }).filter(
      ([name, value]) => !(name in belonging) || value === true,
    );
    return { ...this.goneCandidate(known), change: 'updated', attributes: Object.fromEntries(attributes) };
  }

  /** Judges by rules that are new what is known of everybody of a kind whom this cycle has not taken up; whoever fares differently is taken up, with what is known. */
  private async reassess(): Promise<void> {
    const { outdated, folded, betweenPages } = this.ports;
    const { cycleId, rules } = this.cycle.opened;
    const { type } = this.systems.mapping;
    if (!this.reassessment.isDue || this.isReassessed(type)) return;
    let at: RulesCursor = { phase: 'rules', after: this.isUnderWay(type) && this.progress?.phase === 'rules' ? this.progress.after : '' };
    for (let isFirst = true; ; isFirst = false) {
      await folded(); // otherwise what was imported a moment ago, by this cycle or on demand, would count as outdated
      const seen = this.seenNow([]);
      const page = await outdated.list(cycleId, type, rules, at.after, mostPerAppend);
      if (page.length === 0) return;
      const differing = await this.reassessment.differing(page);
      if (isFirst && differing.length > 0) await this.expectDiffering(differing.length / page.length);
      at = { phase: 'rules', after: page.at(-1)!.objectKey };
      this.done = { ...this.done, reevaluated: (this.done.reevaluated ?? 0) + page.length };
      await this.say(
        differing.map((known) => (known.deleted ? this.goneCandidate(known) : this.againCandidate(known))),
        [],
        at,
        0,
        seen,
      );
      await betweenPages(cycleId, this.counts.imported);
    }
  }

  /** Compares the accounts of everybody whom this cycle has not taken up with what the rules expect; tells of those that differ, and changes them back where that is wanted. */
  private async lookForDrift(mode: DriftMode): Promise<void> {
    const { index, folded, findOwners, findAssociations, jobId, signal, betweenPages } = this.ports;
    const { cycleId } = this.cycle.opened;
    const { mapping } = this.systems;
    const { type } = mapping;
    if (this.progress?.phase === 'drift' && isBefore(type, this.progress)) return;
    this.done = { ...this.done, drift: this.done.drift ?? { mode, ...nothingChecked } };
    if (this.isUnderWay(type) && this.progress?.phase === 'drift' && this.progress.part === 'members')
      return this.lookForDriftedMembers(mode);
    await folded();
    let at: DriftCursor = { phase: 'drift', after: this.isUnderWay(type) && this.progress?.phase === 'drift' ? this.progress.after : '' };
    this.accounts = await this.chooseAccounts(true, await this.probeTarget(), await index.countLinked());
    for (;;) {
      const seen = this.seenNow([]);
      const linked = await index.listLinked(cycleId, type, at.after, mostCompared);
      if (linked.length === 0) return this.lookForDriftedMembers(mode);
      const ports = { mapping, findOwners, findAssociations };
      const listed = await compareAccounts(linked, this.accounts, ports);
      // A listing is older than what was written since: who seems to differ is asked for.
      const suspects = linked.filter(({ objectKey }) => listed.found.has(objectKey));
      const { found, unasked } = await compareAccounts(suspects, new AskedAccounts(this.systems, signal), ports);
      const drifted = suspects.filter(({ objectKey }) => found.has(objectKey));
      const vanished = [...found.values()].filter(({ account }) => account === 'vanished').length;
      at = { phase: 'drift', after: linked.at(-1)!.objectKey };
      const before = this.done.drift!;
      this.done = {
        ...this.done,
        drift: {
          mode,
          checked: before.checked + linked.length,
          differ: before.differ + found.size - vanished,
          vanished: before.vanished + vanished,
          unasked: before.unasked + listed.unasked + unasked,
        },
      };
      const sayings = drifted.map((each) =>
        sayDrift(each, found.get(each.objectKey)!, { jobId, cycleId, mode, cause: this.cycle.sequence }),
      );
      const repaired = mode === 'repair' ? drifted.map((each) => this.againCandidate(each)) : [];
      await this.say(repaired, [], at, 0, seen, sayings);
      await betweenPages(cycleId, this.counts.imported);
    }
  }

  /** Compares who is in each group of the target with what was written there. Who was taken out is put back where that is wanted; who was put in is told of, and stays. */
  private async lookForDriftedMembers(mode: DriftMode): Promise<void> {
    const { index, betweenPages } = this.ports;
    const { cycleId } = this.cycle.opened;
    const { mapping, abilities } = this.systems;
    if (mapping.type !== 'group' || abilities.membersPerChange === 0 || !mapping.actions.includes('update')) return;
    const { progress } = this;
    let at: DriftCursor = {
      phase: 'drift',
      part: 'members',
      after: progress?.phase === 'drift' && progress.part === 'members' ? progress.after : '',
    };
    for (;;) {
      const groups = await index.listLinkedGroups(at.after, mostCompared);
      if (groups.length === 0) return;
      for (const group of groups) {
        at = { ...at, after: group.objectKey };
        if (isKept(group, mapping)) await this.compareMembersOf(group, mode, at);
        await betweenPages(cycleId, this.counts.imported);
      }
    }
  }

  private async compareMembersOf(group: LinkedObject, mode: DriftMode, at: DriftCursor): Promise<void> {
    const { jobId } = this.ports;
    const { cycleId } = this.cycle.opened;
    const cause = this.cycle.sequence;
    const seen = this.seenNow([]);
    const found = await compareMembers(group, { ...this.ports, systems: this.systems });
    const drift = this.done.drift!;
    if (found === null) this.done = { ...this.done, drift: { ...drift, unasked: drift.unasked + 1 } };
    if (found === null || found.missing.length + found.added.length === 0) return this.say([], [], at, 0, seen);
    this.done = { ...this.done, drift: { ...drift, groups: (drift.groups ?? 0) + 1 } };
    const missing = mode === 'repair' ? found.missing : [];
    const due = { ...group, targetId: group.targetId! };
    const repairs = sayMissingMembers(due, missing, { ...this.ports, systems: this.systems }, { cycleId, attempt: 0, cause });
    for (let from = 0; ; from += mostChangesPerAppend) {
      const some = repairs.slice(from, from + mostChangesPerAppend);
      const told = from === 0 ? [sayDriftedMembers(due, found, { jobId, cycleId, mode, cause })] : [];
      this.counts = { ...this.counts, imported: this.counts.imported + some.length };
      await this.say([], [], at, 0, seen, [...told, ...some.flat()]);
      if (from + mostChangesPerAppend >= repairs.length) return;
    }
  }

  private isReassessed(type: ObjectType): boolean {
    return this.progress?.phase === 'rules' && isBefore(type, this.progress);
  }

  /** @param share of the first page that fares differently: so it may be with the others */
  private async expectDiffering(share: number): Promise<void> {
    if (this.listedAt !== null) return;
    const { cycleId, rules } = this.cycle.opened;
    const { type } = this.systems.mapping;
    const counted = await this.probeTarget();
    this.accounts = await this.chooseAccounts(true, counted, Math.round(share * (await this.ports.outdated.count(cycleId, type, rules))));
  }

  private async complete(): Promise<number> {
    const { jobId, index, writer } = this.ports;
    const { cycleId } = this.cycle.opened;
    const { read, imported, failed } = this.counts;
    const { watermarks, gone, withheld, memberships, drift, reevaluated = 0 } = this.done;
    const linked = await index.countLinked();
    const said = say(ImportCompleted, `${cycleId}.import-completed`, jobId, {
      jobId,
      cycleId: asCycleId(cycleId),
      watermark: joined(watermarks),
      read,
      imported,
      failed,
      gone,
      reevaluated,
      absenceWithheld: withheld,
      linked,
      weighed: await this.weighed(),
      ...(memberships && { memberships }),
      ...(drift && { drift }),
    });
    return writer.append([], [this.caused(said)]);
  }

  /** What removals are weighed against, besides the accounts that are linked. */
  private async weighed(): Promise<DataOf<typeof ImportCompleted>['weighed']> {
    const { index, memberships, folded } = this.ports;
    const goneOf = Object.entries(this.done.goneOf ?? {}).filter(([, gone]) => gone > 0) as [ObjectType, number][];
    if (goneOf.length > 0) await folded(); // otherwise some of the gone would count as present too
    const shrunk = await Promise.all(goneOf.map(async ([type, gone]) => ({ type, gone, known: gone + (await index.countPresent(type)) })));
    return { members: this.membersLeave ? await memberships.countWritten() : 0, shrunk };
  }

  private fail(side: 'source' | 'target', error: ConnectorError): Promise<number> {
    const { jobId, writer } = this.ports;
    const { cycleId } = this.cycle.opened;
    const { read, imported } = this.counts;
    const said = say(ImportFailed, `${cycleId}.import-failed`, jobId, {
      jobId,
      cycleId: asCycleId(cycleId),
      side,
      read,
      imported,
      failure: failureOf(error),
    });
    return writer.append([], [this.caused(said)]);
  }

  private readonly caused = (said: Said): Saying => ({ said, cause: this.cycle.sequence });
}

/** Whether a kind comes before the one that an import stands at. */
const isBefore = (type: ObjectType, progress: TypedCursor | undefined): boolean =>
  objectTypes.indexOf(type) < objectTypes.indexOf(progress?.type ?? 'user');

/** What came before a cursor that does not say it: of people alone, what they came to stands there itself, once they were read. */
function soFarOf(progress: TypedCursor | undefined, read: number): CycleSoFar {
  if (progress?.phase !== 'rules') return nothingSoFar;
  const { reevaluated, ...absent } = progress as unknown as AbsentCursor & { readonly reevaluated: number };
  return { ...withType(nothingSoFar, 'user', absent, read), reevaluated };
}

function unlessUnusable(error: unknown): null {
  if (error instanceof ConnectorError && error.kind === 'rejected') return null;
  throw error;
}
