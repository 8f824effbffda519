import { type Said, say } from '@provident/bus';
import { ConnectorError, type SourceCursor, type SourceFailure, type SourcePage, type SourceReading } from '@provident/connectors';
import { ImportCompleted, ImportFailed, type ObjectFacts, ObjectImportFailed, PageImported } from '@provident/contracts';
import { type JobId, type ObjectKey, asCycleId, objectKeyOf, sourceAttributesOf } from '@provident/domain';
import type { DataSource } from 'typeorm';

import type { JobWriter, Saying } from '../job-writer.js';
import { contentHash } from '../state/content-hash.js';
import type { KnownObject, ObjectOutline, OpenCycle, SourceIndex } from '../state/source-index.js';
import type { OpenSystems } from '../systems.js';
import type { Accounts } from './accounts.js';
import { AskedAccounts } from './accounts.js';
import { changeIdOf } from './change-id.js';
import { type CycleCounts, type CycleCursor, noCounts } from './cycle-cursor.js';
import { type Candidate, type FindOwners, displayNameOf, importObjects, sayFailed } from './import-objects.js';
import { ListedAccounts, paysToList } from './listed-accounts.js';
import { failureOf } from './look-up.js';

export interface CyclePorts {
  readonly jobId: JobId;
  readonly database: DataSource;
  readonly index: SourceIndex;
  readonly writer: JobWriter;
  readonly openSystems: (rules: number) => Promise<OpenSystems>;
  readonly findOwners: FindOwners;
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
  private systems!: OpenSystems;
  private accounts!: Accounts;
  /** Basis of a listing: what was exported since is not in it. */
  private listedAt: number | null = null;
  private total: number | null = null;
  private saidAt = performance.now();
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
      const accounts = await this.probeTarget();
      side = 'source';
      let cursor = this.cycle.progress?.cursor as CycleCursor | undefined;
      if (cursor?.phase !== 'absent') {
        this.at = cursor?.at ?? null;
        const reading = await this.openSource(this.at);
        this.total = reading.total;
        side = 'target';
        this.accounts = await this.chooseAccounts(accounts, reading.total);
        cursor = await this.readSource(reading, (current) => (side = current));
      } else {
        this.accounts = new AskedAccounts(this.systems, this.ports.signal);
      }
      side = 'target';
      cursor = await this.takeUpAbsent(cursor);
      await this.takeUpLate(cursor);
      return await this.complete(cursor);
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
    const watermark = this.cycle.opened.watermark as SourceCursor | null;
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

  private async readSource(
    reading: SourceReading,
    now: (side: 'source' | 'target') => void,
  ): Promise<Extract<CycleCursor, { phase: 'absent' }>> {
    let watermark = this.cycle.opened.watermark as SourceCursor | null;
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
    if (this.counts.read === 0 && (await this.ports.index.countPresent()) > 0) {
      throw new ConnectorError({
        kind: 'misconfigured',
        code: 'source-empty',
        message: 'the source holds no object at all, but held some before: nothing is removed for that',
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
    const { findOwners, writer, jobId } = this.ports;
    const basis = this.listedAt ?? readAt;
    const isQuiet = candidates.length === 0 && failures.length === 0;
    if (isQuiet && performance.now() - this.saidAt < quietMs) {
      this.counts = { ...this.counts, read: this.counts.read + read };
      return;
    }
    this.saidAt = performance.now();
    const said = await importObjects(candidates, { mapping: this.systems.mapping, accounts: this.accounts, findOwners, basis });
    const unusable = failures.map((failure) => this.sayUnusable(failure));
    this.counts = {
      page: this.counts.page + 1,
      read: this.counts.read + read,
      imported: this.counts.imported + candidates.length + failures.length,
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
  private async takeUpAbsent(cursor: Extract<CycleCursor, { phase: 'absent' }>): Promise<Extract<CycleCursor, { phase: 'absent' }>> {
    let at = cursor;
    while (at.gone >= 0 && at.withheld === null) {
      const basis = this.ports.basis();
      const absent = await this.ports.index.listUnseen(this.cycle.opened.cycleId, at.after, mostPerAppend);
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
  private async takeUpLate(cursor: Extract<CycleCursor, { phase: 'absent' }>): Promise<void> {
    const { index, folded } = this.ports;
    const { cycleId } = this.cycle.opened;
    if ((await index.listLate(cycleId, '', 1)).length === 0) return;
    await folded(); // otherwise what this cycle has imported a moment ago would come twice
    for (let late = await index.listLate(cycleId, '', mostPerAppend); late.length > 0; ) {
      const basis = this.ports.basis();
      await this.say(
        late.map((known) => (known.deleted ? this.goneCandidate(known) : this.againCandidate(known))),
        [],
        cursor,
        0,
        basis,
      );
      late = await index.listLate(cycleId, late.at(-1)!.objectKey, mostPerAppend);
    }
  }

  private async complete({ watermark, withheld, gone }: Extract<CycleCursor, { phase: 'absent' }>): Promise<number> {
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
