import { type Said, say } from '@provident/bus';
import { ConnectorError, type SourceCursor, type SourceFailure, type SourcePage, type SourceReading } from '@provident/connectors';
import { ImportCompleted, ImportFailed, type ObjectFacts, ObjectImportFailed, PageImported } from '@provident/contracts';
import { type JobId, type ObjectKey, type ObjectMapping, asCycleId, objectKeyOf, objectTypes, sourceAttributesOf } from '@provident/domain';
import type { DataSource } from 'typeorm';

import type { JobWriter, Saying } from '../job-writer.js';
import { contentHash } from '../state/content-hash.js';
import type { MembershipIndex } from '../state/membership-index.js';
import type { KnownObject, ObjectOutline, OpenCycle, SourceIndex } from '../state/source-index.js';
import type { OpenSystems, TypedSystems } from '../systems.js';
import type { Accounts } from './accounts.js';
import { AskedAccounts } from './accounts.js';
import { changeIdOf } from './change-id.js';
import {
  type AbsentCursor,
  type CycleCounts,
  type CycleCursor,
  type CycleSoFar,
  type TypedCursor,
  joined,
  noCounts,
  nothingSoFar,
  parted,
  withType,
} from './cycle-cursor.js';
import { type DueFacts, sayDueMembers } from './due-members.js';
import { type Candidate, type FindAssociations, type FindOwners, displayNameOf, importObjects, sayFailed } from './import-objects.js';
import { type MembershipSummary, importMemberships } from './import-memberships.js';
import { ListedAccounts, paysToList } from './listed-accounts.js';
import { failureOf } from './look-up.js';

export interface CyclePorts {
  readonly jobId: JobId;
  readonly database: DataSource;
  readonly index: SourceIndex;
  readonly memberships: MembershipIndex;
  readonly writer: JobWriter;
  readonly openSystems: (rules: number) => Promise<OpenSystems>;
  readonly findOwners: FindOwners;
  readonly findAssociations: FindAssociations;
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

/** Two events for each object and one for the page must fit one append. */
const mostPerAppend = 400;
/** Most records are as they were, and cost a comparison only: pages are larger than appends. */
const pageSize = 800;

/**
 * The import of one cycle, from where it stands to its end. Each page's objects and the cursor are one append. What fails as a whole ends the cycle
 * with the reason; the watermark stays, and nothing follows from what was not read.
 */
export class ImportCycle {
  private counts: CycleCounts;
  /** The systems, as they are to the kind of object that is being imported. */
  private systems!: TypedSystems;
  /** What the kinds before it came to. */
  private done: CycleSoFar;
  private accounts!: Accounts;
  /** Basis of a listing: what was exported since is not in it. */
  private listedAt: number | null = null;
  private total: number | null = null;
  private saidAt = performance.now();
  /** Where the page that is being said begins. */
  private at: SourceCursor | null = null;
  /** Why absence proves nothing, as far as the source has been read. */
  private withheld: string | null = null;

  constructor(
    private readonly cycle: OpenCycle,
    private readonly ports: CyclePorts,
  ) {
    this.counts = cycle.progress ?? noCounts;
    this.done = this.progress?.done ?? nothingSoFar;
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
      for (const mapping of systems.mappings) {
        this.enter(systems, mapping);
        if (this.isDone(mapping)) continue;
        const absent = await this.importType(now);
        this.done = withType(this.done, mapping.type, absent, this.counts.read);
      }
      const memberships = await this.importMemberships(systems, now);
      now('target');
      for (const mapping of systems.mappings) {
        this.enter(systems, mapping);
        await this.takeUpLate();
      }
      return await this.complete(memberships);
    } catch (error) {
      if (!(error instanceof ConnectorError) || this.ports.signal.aborted) throw error;
      return this.fail(side, error);
    }
  }

  private enter(systems: OpenSystems, mapping: ObjectMapping): void {
    this.systems = { ...systems, mapping };
    this.accounts = new AskedAccounts(this.systems, this.ports.signal);
    this.listedAt = null;
    this.withheld = null;
  }

  private isDone({ type }: ObjectMapping): boolean {
    if (this.progress?.phase === 'members') return true;
    return objectTypes.indexOf(type) < objectTypes.indexOf(this.progress?.type ?? 'user');
  }

  /** Imports the objects of one kind, from where that stands to its end. */
  private async importType(now: (side: 'source' | 'target') => void): Promise<AbsentCursor> {
    const { type } = this.systems.mapping;
    const isUnderWay = this.progress !== undefined && (this.progress.type ?? 'user') === type;
    const cursor = isUnderWay ? this.progress : undefined;
    now('target');
    const accounts = await this.probeTarget();
    if (cursor?.phase === 'absent') return this.takeUpAbsent(cursor);
    if (cursor?.phase === 'source') this.withheld = cursor.withheld;
    this.at = cursor?.phase === 'source' ? cursor.at : null;
    now('source');
    const reading = await this.openSource(this.at);
    this.total = reading.total;
    now('target');
    this.accounts = await this.chooseAccounts(accounts, reading.total);
    const read = await this.readSource(reading, now);
    now('target');
    return this.takeUpAbsent(read);
  }

  /** Groups alone have members. What the source says of them is told first; what of it can be written is part of this cycle. */
  private async importMemberships(systems: OpenSystems, now: (side: 'source' | 'target') => void): Promise<MembershipSummary | null> {
    const mapping = systems.mappings.find(({ type }) => type === 'group');
    if (!mapping) return null;
    this.enter(systems, mapping);
    now('source');
    const { cycleId } = this.cycle.opened;
    const reading = await systems.source.readMembers(this.watermark('members'), this.ports.signal);
    const summary =
      reading.kind === 'none'
        ? null
        : await importMemberships(reading, {
            ...this.ports,
            cycleId,
            cause: this.cycle.sequence,
            nested: systems.abilities.nestedGroups ? (mapping.nested ?? 'keep') : mapping.nested === 'flatten' ? 'flatten' : 'refuse',
            sayUnusable: (failures) => this.say([], failures, { phase: 'members' }, 0, this.ports.basis()),
            told: () => this.ports.betweenPages(cycleId, this.counts.imported),
          });
    this.done = { ...this.done, watermarks: { ...this.done.watermarks, members: reading.watermark } };
    now('target');
    await this.ports.folded();
    // In a first cycle most accounts are still on their way: the members follow right behind it, and how many were early is no part of its count.
    if (this.cycle.opened.kind === 'initial') return summary;
    const facts: DueFacts = { cycleId, attempt: 0, cause: this.cycle.sequence };
    await sayDueMembers(
      { ...this.ports, systems },
      () => facts,
      (sayings, changes) => this.sayChanges(sayings, changes),
    );
    return summary;
  }

  /** Changes of members count as imports of this cycle, each of them once. */
  private async sayChanges(sayings: readonly Saying[], changes: number): Promise<number> {
    this.counts = { ...this.counts, page: this.counts.page + 1, imported: this.counts.imported + changes };
    return this.ports.writer.append(sayings, [this.caused(this.sayProgress({ phase: 'members' }))]);
  }

  private watermark(what: 'user' | 'group' | 'members'): SourceCursor | null {
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
    const watermark = this.watermark(mapping.type);
    return source.read(
      { objectType: mapping.source, attributes: sourceAttributesOf(mapping), resumeAt, watermark, pageSize },
      this.ports.signal,
    );
  }

  /** Listing pays in a cycle that takes every object up; in others only what changed is asked for. */
  private async chooseAccounts(accounts: number | null, objects: number | null): Promise<Accounts> {
    const { database, jobId, signal } = this.ports;
    const { abilities } = this.systems;
    const { kind, cycleId } = this.cycle.opened;
    const list =
      kind === 'initial' && abilities.list && accounts !== null && paysToList({ accounts, pageSize: abilities.listPageSize, objects });
    if (!list) return new AskedAccounts(this.systems, signal);
    this.listedAt = this.ports.basis();
    return ListedAccounts.list(database, jobId, cycleId, this.systems, signal);
  }

  private async readSource(reading: SourceReading, now: (side: 'source' | 'target') => void): Promise<AbsentCursor> {
    let watermark = this.watermark(this.systems.mapping.type);
    now('source');
    for await (const page of reading.pages) {
      now('target');
      await this.importPage(page);
      if (page.watermark) watermark = page.watermark;
      await this.ports.betweenPages(this.cycle.opened.cycleId, this.counts.imported);
      now('source');
    }
    if (watermark === null)
      throw new ConnectorError({
        kind: 'protocol',
        code: 'read-without-end',
        message: 'the source ended its answer without saying where the next read starts',
      });
    if (reading.kind !== 'snapshot') return { phase: 'absent', after: '', watermark, withheld: null, gone: -1 };
    return { phase: 'absent', after: '', watermark, withheld: await this.whyAbsenceProvesNothing(), gone: 0 };
  }

  private async whyAbsenceProvesNothing(): Promise<string | null> {
    if (this.counts.read === this.done.read && (await this.ports.index.countPresent(this.systems.mapping.type)) > 0) {
      const { type } = this.systems.mapping;
      throw new ConnectorError({
        kind: 'misconfigured',
        code: 'source-empty',
        message: `the source holds no ${type === 'user' ? 'object' : type} at all, but held some before: nothing is removed for that`,
      });
    }
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
    const basis = this.ports.basis(); // before anything is looked at: what is exported in between must not count as known
    const known = await index.findOutlines(keys);
    const gone = await index.findObjects(removedKeys);
    await index.markSeen(cycleId, [...keys, ...failedKeys]);
    if (page.failures.some(({ anchor }) => anchor === null)) {
      this.withheld = 'a record could not be read, so that nobody can say whose it is: who is missing is not taken for gone in this cycle';
    }
    const present = page.objects.flatMap(({ anchor, attributes }, at) =>
      this.candidate(keys[at]!, anchor, attributes, known.get(keys[at]!)),
    );
    const removed = [...gone.values()].filter(({ deleted }) => !deleted).map((each) => this.goneCandidate(each));
    await this.sayPage([...present, ...removed], page, basis);
  }

  /**
   * A page with much to say takes several appends. All but the last leave the cursor where the page began: a crash repeats the page, and objects that
   * were said already are known then. Unusable records are not known by anything: they stand with the cursor.
   */
  private async sayPage(candidates: readonly Candidate[], { failures, cursor, objects }: SourcePage, basis: number): Promise<void> {
    const before = { phase: 'source', at: this.at, withheld: this.withheld } as const;
    const read = objects.length + failures.length;
    let rest = candidates;
    while (rest.length > (failures.length > 0 ? 0 : mostPerAppend) && 2 * rest.length + failures.length >= 2 * mostPerAppend) {
      await this.say(rest.slice(0, mostPerAppend), [], before, 0, basis);
      rest = rest.slice(mostPerAppend);
    }
    await this.say(rest, failures, { ...before, at: cursor }, read, basis);
    this.at = cursor;
  }

  private candidate(
    objectKey: ObjectKey,
    sourceId: string,
    attributes: Candidate['attributes'],
    known: ObjectOutline | undefined,
  ): Candidate[] {
    const { cycleId, kind } = this.cycle.opened;
    const isNew = known === undefined || known.deleted;
    const isSame = !isNew && known.hash === contentHash(attributes);
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
    readAt: number,
  ): Promise<void> {
    const { findOwners, findAssociations, writer } = this.ports;
    const basis = this.listedAt ?? readAt;
    const isQuiet = candidates.length === 0 && failures.length === 0;
    if (isQuiet && performance.now() - this.saidAt < quietMs) {
      this.counts = { ...this.counts, read: this.counts.read + read };
      return;
    }
    this.saidAt = performance.now();
    const { mapping } = this.systems;
    const said = await importObjects(candidates, { mapping, accounts: this.accounts, findOwners, findAssociations, basis });
    const unusable = failures.map((failure) => this.sayUnusable(failure));
    this.counts = {
      page: this.counts.page + 1,
      read: this.counts.read + read,
      imported: this.counts.imported + candidates.length + failures.length,
      failed:
        this.counts.failed + failures.length + said.flat().filter(({ definition }) => definition.type === ObjectImportFailed.type).length,
    };
    await writer.append([...said.flat(), ...unusable].map(this.caused), [this.caused(this.sayProgress(cursor))]);
  }

  private sayProgress(cursor: CycleCursor): Said {
    const { jobId } = this.ports;
    const { cycleId } = this.cycle.opened;
    const { type } = this.systems.mapping;
    const typed: TypedCursor = type === 'user' && cursor.phase !== 'members' ? cursor : { ...cursor, type, done: this.done };
    return say(PageImported, `${cycleId}.page.${this.counts.page}`, jobId, {
      jobId,
      cycleId: asCycleId(cycleId),
      ...this.counts,
      cursor: { ...typed },
      total: this.total,
    });
  }

  private sayUnusable({ anchor, code, message, place }: SourceFailure): Said {
    const objectKey = objectKeyOf(this.systems.mapping.type, anchor ?? `?${place}`);
    // Several records may carry the same anchor: each has a way through the cycle of its own.
    const facts = { ...this.facts(objectKey, undefined), changeId: changeIdOf(this.cycle.opened.cycleId, `${objectKey} ${place}`) };
    return sayFailed(facts, anchor, 'source', place, { kind: 'invalid-source', code, message });
  }

  /** Takes up what was known and did not show in a complete read, page by page. */
  private async takeUpAbsent(cursor: AbsentCursor): Promise<AbsentCursor> {
    let at = cursor;
    const { type } = this.systems.mapping;
    while (at.gone >= 0 && at.withheld === null) {
      const basis = this.ports.basis();
      const absent = await this.ports.index.listUnseen(this.cycle.opened.cycleId, type, at.after, mostPerAppend);
      if (absent.length === 0) break;
      at = { ...at, after: absent.at(-1)!.objectKey, gone: at.gone + absent.length };
      await this.say(
        absent.map((known) => this.goneCandidate(known)),
        [],
        at,
        0,
        basis,
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
      const basis = this.ports.basis();
      await this.say(
        late.map((known) => (known.deleted ? this.goneCandidate(known) : this.againCandidate(known))),
        [],
        { phase: 'members' },
        0,
        basis,
      );
      late = await index.listLate(cycleId, type, late.at(-1)!.objectKey, mostPerAppend);
    }
  }

  private async complete(memberships: MembershipSummary | null): Promise<number> {
    const { jobId, index, writer } = this.ports;
    const { cycleId } = this.cycle.opened;
    const { read, imported, failed } = this.counts;
    const { watermarks, gone, withheld } = this.done;
    const linked = await index.countLinked();
    const said = say(ImportCompleted, `${cycleId}.import-completed`, jobId, {
      jobId,
      cycleId: asCycleId(cycleId),
      watermark: joined(watermarks),
      read,
      imported,
      failed,
      gone,
      absenceWithheld: withheld,
      linked,
      ...(memberships && { memberships }),
    });
    return writer.append([], [this.caused(said)]);
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
