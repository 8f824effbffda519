import { type Said, say } from '@provident/bus';
import type { SourceFailure } from '@provident/connectors';
import { type ObjectFacts, ObjectImportFailed, PageImported } from '@provident/contracts';
import { type ChangeId, type ObjectKey, type ObjectType, asCycleId, objectKeyOf, objectTypes } from '@provident/domain';

import type { Saying } from '../job-writer.js';
import type { KnownObject, OpenCycle } from '../state/source-index.js';
import { changeIdOf } from './change-id.js';
import { type CycleCounts, type CycleCursor, type CycleSoFar, type TypedCursor, noCounts, soFarOf } from './cycle-cursor.js';
import type { CyclePorts } from './cycle-ports.js';
import { type Candidate, importObjects, sayFailed } from './import-objects.js';
import { KindAtHand } from './kind-at-hand.js';

/** How new some objects are that are about to be said. */
export interface Seen {
  /** Log sequence up to which exports are taken into account. */
  readonly basis: number;
  /** Instant of `DemandReads` at which an object's values were read at the earliest. */
  readonly readAt: (objectKey: ObjectKey) => number;
  /** Their values come from the tables, as these were at the basis. */
  readonly isOfTables?: true;
}

/** What a page of the import says besides objects. */
interface Besides {
  readonly failures?: readonly SourceFailure[];
  /** Records of the source that were read for it. */
  readonly read?: number;
  readonly sayings?: readonly Saying[];
  /** Changes among these that the cycle counts as imported. */
  readonly changes?: number;
}

/** Pages without anything to say are told of now and then only: a crash repeats their reading, and nothing else. */
const quietMs = 1_000;
/** Two events for each object and one for the page must fit one append. */
export const mostPerAppend = 400;

/**
 * What all parts of a cycle's import share: the kind of object at hand, what was counted so far, and the way to say more. A page's objects and the cursor
 * are one append.
 */
export class CycleWork {
  readonly kind: KindAtHand;
  /** Where an import that died stood. */
  readonly progress: TypedCursor | undefined;
  /** What the kinds that were read to their end come to. */
  done: CycleSoFar;
  /** Records of the kind at hand that the source expects to deliver, if it can tell. */
  total: number | null = null;
  private counted: CycleCounts;
  private saidAt = performance.now();

  constructor(
    readonly cycle: OpenCycle,
    readonly ports: CyclePorts,
  ) {
    this.kind = new KindAtHand(cycle.opened.cycleId, ports);
    this.counted = cycle.progress ?? noCounts;
    this.progress = cycle.progress?.cursor as TypedCursor | undefined;
    this.done = this.progress?.done ?? soFarOf(this.progress, this.counts.read);
  }

  get cycleId(): ReturnType<typeof asCycleId> {
    return asCycleId(this.cycle.opened.cycleId);
  }

  get counts(): CycleCounts {
    return this.counted;
  }

  /** Where an import that died stood, if that was in this phase and at this kind of object. */
  progressIn<Phase extends CycleCursor['phase']>(phase: Phase, type: ObjectType): Extract<TypedCursor, { phase: Phase }> | undefined {
    const { progress } = this;
    return progress?.phase === phase && typeOf(progress) === type ? (progress as Extract<TypedCursor, { phase: Phase }>) : undefined;
  }

  /** Whether a kind comes before the one that an import which died stood at. */
  isBehind(type: ObjectType): boolean {
    return objectTypes.indexOf(type) < objectTypes.indexOf(typeOf(this.progress));
  }

  /** What has to be imported again, and whoever is asked for, has its turn. */
  async betweenPages(): Promise<void> {
    await this.ports.betweenPages(this.cycleId, this.counts.imported);
  }

  /** What is known now of objects whose values have just come. */
  seenNow(keys: readonly ObjectKey[]): Seen {
    const at = this.ports.demanded.instant();
    this.ports.demanded.readElsewhere(keys, at);
    return { basis: this.ports.basis(), readAt: () => at };
  }

  /** The same of objects that are about to be looked up in the tables. */
  knownNow(keys: readonly ObjectKey[]): Seen {
    return { ...this.seenNow(keys), isOfTables: true };
  }

  facts(objectKey: ObjectKey, displayName: string | undefined): ObjectFacts {
    const { rules } = this.cycle.opened;
    const { cycleId } = this;
    const facts = { jobId: this.ports.jobId, cycleId, changeId: changeIdOf(cycleId, objectKey), objectKey, rules, attempt: 0, round: 0 };
    return displayName === undefined ? facts : { ...facts, displayName };
  }

  /** Somebody known who is not in the source any more. */
  gone({ objectKey, sourceId, attributes, targetId, displayName }: KnownObject): Candidate {
    return { facts: this.facts(objectKey, displayName ?? undefined), sourceId, change: 'deleted', attributes, linkedId: targetId };
  }

  /** Somebody known, once more, with what is known. */
  again(known: KnownObject): Candidate {
    return { ...this.gone(known), change: 'again' };
  }

  /** The same, whether he is in the source or not. */
  onceMore(known: KnownObject & { readonly deleted: boolean }): Candidate {
    return known.deleted ? this.gone(known) : this.again(known);
  }

  /** Says one page: its objects, its unusable records, what else there is to say, and where the import stands now. */
  async say(
    candidates: readonly Candidate[],
    cursor: CycleCursor,
    seen: Seen,
    { failures = [], read = 0, sayings = [], changes = 0 }: Besides = {},
  ): Promise<void> {
    const { writer } = this.ports;
    const isQuiet = candidates.length === 0 && failures.length === 0 && sayings.length === 0;
    if (isQuiet && performance.now() - this.saidAt < quietMs) {
      this.counted = { ...this.counts, read: this.counts.read + read };
      return;
    }
    this.saidAt = performance.now();
    const { mapping, accounts, listedAt } = this.kind;
    const all = await importObjects(candidates, { ...this.ports, mapping, accounts, basis: listedAt ?? seen.basis });
    // Until the append is asked for there is no other turn: what was said on demand meanwhile is newer, and stands.
    const said = all.filter((_, at) => !this.isOvertaken(candidates[at]!.facts.objectKey, seen));
    const unusable = failures.map((failure) => this.sayUnusable(failure));
    this.counted = {
      page: this.counts.page + 1,
      read: this.counts.read + read,
      imported: this.counts.imported + said.length + failures.length + changes,
      failed:
        this.counts.failed + failures.length + said.flat().filter(({ definition }) => definition.type === ObjectImportFailed.type).length,
    };
    await writer.append([...sayings, ...[...said.flat(), ...unusable].map(this.caused)], [this.caused(this.sayProgress(cursor))]);
  }

  private isOvertaken(objectKey: ObjectKey, { readAt, basis, isOfTables }: Seen): boolean {
    const { demanded } = this.ports;
    return demanded.isReadSince(objectKey, readAt(objectKey)) || (isOfTables === true && demanded.isSaidBehind(objectKey, basis));
  }

  /** Says changes that are no objects, of members say: each counts as an import of this cycle. @returns the last sequence */
  sayChanges(sayings: readonly Saying[], changes: number, cursor: CycleCursor): Promise<number> {
    this.counted = { ...this.counts, page: this.counts.page + 1, imported: this.counts.imported + changes };
    return this.ports.writer.append(sayings, [this.caused(this.sayProgress(cursor))]);
  }

  /** Several records may carry the same anchor: each has a way through the cycle of its own. */
  unusableChange(failure: SourceFailure): ChangeId {
    return changeIdOf(this.cycleId, `${this.unusableKey(failure)} ${failure.place}`);
  }

  /** What is said because the cycle was opened. */
  readonly caused = (said: Said): Saying => ({ said, cause: this.cycle.sequence });

  private sayProgress(cursor: CycleCursor): Said {
    const { jobId } = this.ports;
    const { cycleId } = this;
    const { type } = this.kind.mapping;
    const isPlain = type === 'user' && (cursor.phase === 'source' || cursor.phase === 'absent');
    const typed: TypedCursor = isPlain ? cursor : { ...cursor, type, done: this.done };
    return say(PageImported, `${cycleId}.page.${this.counts.page}`, jobId, {
      jobId,
      cycleId,
      ...this.counts,
      cursor: { ...typed },
      total: this.total,
    });
  }

  private unusableKey({ anchor, place }: SourceFailure): ObjectKey {
    return objectKeyOf(this.kind.mapping.type, anchor ?? `?${place}`);
  }

  private sayUnusable(failure: SourceFailure): Said {
    const { anchor, code, message, place } = failure;
    const facts = { ...this.facts(this.unusableKey(failure), undefined), changeId: this.unusableChange(failure) };
    return sayFailed(facts, anchor, 'source', place, { kind: 'invalid-source', code, message });
  }
}

/** A cursor that names no kind of object is about people. */
const typeOf = (progress: TypedCursor | undefined): ObjectType => progress?.type ?? 'user';
