import { type Said, say } from '@provident/bus';
import {
  ConnectorError,
  type SourceCursor,
  type SourceFailure,
  type SourceObject,
  type SourcePage,
  type SourceReading,
} from '@provident/connectors';
import { ImportCompleted, ImportFailed, type ObjectFacts, ObjectImportFailed, PageImported } from '@provident/contracts';
import { type JobId, type ObjectKey, type ObjectMapping, asCycleId, objectKeyOf, sourceAttributesOf } from '@provident/domain';
import type { DataSource } from 'typeorm';

import type { JobWriter, Saying } from '../job-writer.js';
import type { DemandReads } from '../on-demand/demand-reads.js';
import { contentHash } from '../state/content-hash.js';
import type { KnownObject, ObjectOutline, OpenCycle, SourceIndex } from '../state/source-index.js';
import type { OutdatedObjects } from '../state/outdated-objects.js';
import type { OpenSystems } from '../systems.js';
import type { Accounts } from './accounts.js';
import { AskedAccounts } from './accounts.js';
import { refuseEmptySource, refuseUnfinishedRead, someRecordIsNobodys } from './absence.js';
import { changeIdOf } from './change-id.js';
import { type AbsentCursor, type CycleCounts, type CycleCursor, type RulesCursor, noCounts } from './cycle-cursor.js';
import { type Candidate, type FindOwners, displayNameOf, importObjects, sayFailed } from './import-objects.js';
import { ListedAccounts, listPays } from './listed-accounts.js';
import { failureOf } from './look-up.js';
import { Reassessment, agreeFor } from './reassessment.js';

export interface CyclePorts {
  readonly jobId: JobId;
  readonly database: DataSource;
  readonly index: SourceIndex;
  readonly outdated: OutdatedObjects;
  readonly writer: JobWriter;
  readonly openSystems: (rules: number) => Promise<OpenSystems>;
  /** The rules that stand at a sequence of the log. */
  readonly mappingAt: (rules: number) => Promise<ObjectMapping>;
  readonly findOwners: FindOwners;
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
/** Most records are as they were, and cost a comparison only: pages are larger than appends. */
const pageSize = 800;

/**
 * The import of one cycle, from where it stands to its end. Each page's objects and the cursor are one append. What fails as a whole ends the cycle
 * with the reason; the watermark stays, and nothing follows from what was not read.
 */
export class ImportCycle {
  private counts: CycleCounts;
  private systems!: OpenSystems;
  private accounts!: Accounts;
  private reassessment!: Reassessment;
  /** Accounts that the target holds, if it tells. */
  private counted: number | null = null;
  /** Basis of a listing: what was exported since is not in it. */
  private listedAt: number | null = null;
  private total: number | null = null;
  private saidAt = performance.now();
  /** Instant at which the reading of the source began. */
  private openedAt = Infinity;
  /** Where the page that is being said begins. */
  private at: SourceCursor | null = null;
  /** Why absence proves nothing, as far as the source has been read. */
  private withheld: string | null;

  constructor(
    private readonly cycle: OpenCycle,
    private readonly ports: CyclePorts,
  ) {
    this.counts = cycle.progress ?? noCounts;
    this.withheld = (cycle.progress?.cursor as CycleCursor | undefined)?.withheld ?? null;
  }

  /** @returns sequence of the event that ended the import */
  async run(): Promise<number> {
    let side: 'source' | 'target' = 'target';
    try {
      this.systems = await this.ports.openSystems(this.cycle.opened.rules);
      const { outdated, mappingAt } = this.ports;
      this.reassessment = await Reassessment.open(this.cycle.opened.rules, this.systems.mapping, { outdated, mappingAt });
      this.counted = await this.probeTarget();
      side = 'source';
      let cursor = this.cycle.progress?.cursor as CycleCursor | undefined;
      if (cursor === undefined || cursor.phase === 'source') {
        this.at = cursor?.at ?? null;
        this.openedAt = this.ports.demanded.instant();
        const reading = await this.openSource(this.at);
        this.total = reading.total;
        side = 'target';
        this.accounts = await this.chooseAccounts(this.takesEverybodyUp, reading.total);
        cursor = await this.readSource(reading, (current) => (side = current));
      } else {
        this.accounts = new AskedAccounts(this.systems, this.ports.signal);
      }
      side = 'target';
      if (cursor.phase === 'absent') {
        cursor = await this.takeUpAbsent(cursor);
        await this.takeUpLate(cursor);
      }
      return await this.complete(await this.reassess(cursor));
    } catch (error) {
      if (!(error instanceof ConnectorError) || this.ports.signal.aborted) throw error;
      return this.fail(side, error);
    }
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
    return this.reassessment.lacking.length > 0 ? null : (this.cycle.opened.watermark as SourceCursor | null);
  }

  /** Otherwise only those who have changed. */
  private get takesEverybodyUp(): boolean {
    return this.cycle.opened.kind === 'initial' || this.reassessment.lacking.length > 0;
  }

  /** Listing may pay when many are taken up; of a few each is asked for. */
  private async chooseAccounts(many: boolean, objects: number | null): Promise<Accounts> {
    const { database, jobId, signal } = this.ports;
    const { cycleId } = this.cycle.opened;
    if (!many || !listPays(this.systems, this.counted, objects)) return new AskedAccounts(this.systems, signal);
    this.listedAt = this.ports.basis();
    return ListedAccounts.list(database, jobId, cycleId, this.systems, signal);
  }

  private async readSource(reading: SourceReading, now: (side: 'source' | 'target') => void): Promise<AbsentCursor> {
    let { watermark } = this;
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
    if (this.counts.read === 0) refuseEmptySource(await this.ports.index.countPresent());
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
  ): Promise<void> {
    const { findOwners, writer, jobId, demanded } = this.ports;
    const basis = this.listedAt ?? seen.basis;
    const isQuiet = candidates.length === 0 && failures.length === 0;
    if (isQuiet && performance.now() - this.saidAt < quietMs) {
      this.counts = { ...this.counts, read: this.counts.read + read };
      return;
    }
    this.saidAt = performance.now();
    const all = await importObjects(candidates, { mapping: this.systems.mapping, accounts: this.accounts, findOwners, basis });
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
    const { cycleId } = this.cycle.opened;
    const progress = say(PageImported, `${cycleId}.page.${this.counts.page}`, jobId, {
      jobId,
      cycleId: asCycleId(cycleId),
      ...this.counts,
      cursor: { ...cursor },
      total: this.total,
    });
    await writer.append([...said.flat(), ...unusable].map(this.caused), [this.caused(progress)]);
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
    while (at.gone >= 0 && at.withheld === null) {
      const seen = this.seenNow([]);
      const absent = await this.ports.index.listUnseen(this.cycle.opened.cycleId, at.after, mostPerAppend);
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
  private async takeUpLate(cursor: AbsentCursor): Promise<void> {
    const { index, folded } = this.ports;
    const { cycleId } = this.cycle.opened;
    if ((await index.listLate(cycleId, '', 1)).length === 0) return;
    await folded(); // otherwise what this cycle has imported a moment ago would come twice
    for (let late = await index.listLate(cycleId, '', mostPerAppend); late.length > 0; ) {
      const seen = this.seenNow(late.map(({ objectKey }) => objectKey));
      await this.say(
        late.map((known) => (known.deleted ? this.goneCandidate(known) : this.againCandidate(known))),
        [],
        cursor,
        0,
        seen,
      );
      late = await index.listLate(cycleId, late.at(-1)!.objectKey, mostPerAppend);
    }
  }

  /** Judges by rules that are new what is known of everybody whom this cycle has not taken up; whoever fares differently is taken up, with what is known. */
  private async reassess(from: AbsentCursor | RulesCursor): Promise<RulesCursor> {
    const { outdated, folded, betweenPages } = this.ports;
    const { cycleId, rules } = this.cycle.opened;
    let at: RulesCursor = from.phase === 'rules' ? from : { ...from, phase: 'rules', after: '', reevaluated: 0 };
    if (!this.reassessment.isDue) return at;
    for (let isFirst = true; ; isFirst = false) {
      await folded(); // otherwise what was imported a moment ago, by this cycle or on demand, would count as outdated
      const seen = this.seenNow([]);
      const page = await outdated.list(cycleId, rules, at.after, mostPerAppend);
      if (page.length === 0) return at;
      const differing = await this.reassessment.differing(page);
      if (isFirst && differing.length > 0) await this.expectDiffering(differing.length / page.length);
      at = { ...at, after: page.at(-1)!.objectKey, reevaluated: at.reevaluated + page.length };
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

  /** @param share of the first page that fares differently: so it may be with the others */
  private async expectDiffering(share: number): Promise<void> {
    if (this.listedAt !== null) return;
    const { cycleId, rules } = this.cycle.opened;
    this.accounts = await this.chooseAccounts(true, Math.round(share * (await this.ports.outdated.count(cycleId, rules))));
  }

  private async complete({ watermark, withheld, gone, reevaluated }: RulesCursor): Promise<number> {
    const { jobId, index, writer } = this.ports;
    const { cycleId } = this.cycle.opened;
    const { read, imported, failed } = this.counts;
    const linked = await index.countLinked();
    const said = say(ImportCompleted, `${cycleId}.import-completed`, jobId, {
      jobId,
      cycleId: asCycleId(cycleId),
      watermark,
      read,
      imported,
      failed,
      gone: Math.max(gone, 0),
      reevaluated,
      absenceWithheld: withheld,
      linked,
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

function unlessUnusable(error: unknown): null {
  if (error instanceof ConnectorError && error.kind === 'rejected') return null;
  throw error;
}
