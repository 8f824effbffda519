import { ConnectorError, type SourceCursor, type SourceObject, type SourcePage, type SourceReading } from '@provident/connectors';
import { isDemandRequest } from '@provident/contracts';
import { type ObjectKey, objectKeyOf, sourceAttributesOf } from '@provident/domain';

import { contentHash } from '../state/content-hash.js';
import type { ObjectOutline } from '../state/source-index.js';
import { refuseEmptySource, refuseUnfinishedRead, someRecordIsNobodys } from './absence.js';
import { type AbsentCursor, parted, withType } from './cycle-cursor.js';
import { type CycleWork, type Seen, mostPerAppend } from './cycle-work.js';
import { type Candidate, displayNameOf } from './import-objects.js';
import { type Reassessment, agreeFor } from './reassessment.js';

/** Most records are as they were, and cost a comparison only: pages are larger than appends. */
const pageSize = 800;

/** The import of one kind of object: its source, page by page, and then those who did not show in a complete read. */
export class SourcePass {
  /** Instant at which the reading of the source began; before everything for one that goes on where an earlier one stood, for that may show what was there then. */
  private openedAt = Infinity;
  /** Where the page that is being said begins. */
  private at: SourceCursor | null = null;
  /** Objects that the source says are removed. */
  private removed = 0;
  /** Why absence proves nothing, as far as the source has been read. */
  private withheld: string | null = null;

  constructor(
    private readonly work: CycleWork,
    private readonly reassessment: Pick<Reassessment, 'lacking'>,
  ) {}

  /** From where the import of this kind stands to its end. @throws ConnectorError */
  async run(): Promise<void> {
    const { work } = this;
    const { kind } = work;
    const { type } = kind.mapping;
    kind.asking = 'target';
    const counted = await kind.probeTarget();
    const absent = await this.takeUpAbsent(work.progressIn('absent', type) ?? (await this.readSource(counted)));
    work.done = withType(work.done, type, absent, work.counts.read, this.removed);
  }

  /** @param counted accounts that the target holds, if it tells */
  private async readSource(counted: number | null): Promise<AbsentCursor> {
    const { work } = this;
    const { kind } = work;
    const stood = work.progressIn('source', kind.mapping.type);
    this.withheld = stood?.withheld ?? null;
    this.at = stood?.at ?? null;
    kind.asking = 'source';
    this.openedAt = stood ? -Infinity : work.ports.demanded.instant();
    const reading = await this.openSource();
    work.total = reading.total;
    kind.asking = 'target';
    await kind.chooseAccounts(this.takesEverybodyUp, counted, reading.total);
    const read = await this.readPages(reading);
    kind.asking = 'target';
    return read;
  }

  private openSource(): Promise<SourceReading> {
    const { source, mapping } = this.work.kind.systems;
    const { watermark, at } = this;
    const asked = { objectType: mapping.source, attributes: sourceAttributesOf(mapping), resumeAt: at, watermark, pageSize };
    return source.read(asked, this.work.ports.signal);
  }

  /** From where the source is read; null reads everything, which rules that need more than was read before ask for once. */
  private get watermark(): SourceCursor | null {
    const { cycle, kind } = this.work;
    if (this.reassessment.lacking.length > 0) return null;
    return parted(cycle.opened.watermark as SourceCursor | null)[kind.mapping.type] ?? null;
  }

  /** Otherwise only those who have changed. */
  private get takesEverybodyUp(): boolean {
    return this.work.cycle.opened.kind === 'initial' || this.reassessment.lacking.length > 0;
  }

  private async readPages(reading: SourceReading): Promise<AbsentCursor> {
    const { work } = this;
    let { watermark } = this;
    // The target may have been listed meanwhile: a job that was stopped since reads nothing.
    await work.betweenPages();
    work.kind.asking = 'source';
    for await (const page of reading.pages) {
      work.kind.asking = 'target';
      await this.importPage(page);
      if (page.watermark) watermark = page.watermark;
      await work.betweenPages();
      work.kind.asking = 'source';
    }
    refuseUnfinishedRead(watermark);
    if (reading.kind !== 'snapshot') return { phase: 'absent', after: '', watermark, withheld: null, gone: -1 };
    return { phase: 'absent', after: '', watermark, withheld: await this.whyAbsenceProvesNothing(), gone: 0 };
  }

  private async whyAbsenceProvesNothing(): Promise<string | null> {
    const { counts, done, kind, ports } = this.work;
    const { type } = kind.mapping;
    if (counts.read === done.read) refuseEmptySource(type, await ports.index.countPresent(type));
    return this.withheld;
  }

  private async importPage(page: SourcePage): Promise<void> {
    const { work } = this;
    const { index } = work.ports;
    const { type } = work.kind.mapping;
    const keyOf = (anchor: string): ObjectKey => objectKeyOf(type, anchor);
    const keys = page.objects.map(({ anchor }) => keyOf(anchor));
    const failedKeys = page.failures.flatMap(({ anchor }) => (anchor === null ? [] : [keyOf(anchor)]));
    const removedKeys = page.removed.map(keyOf);
    const seen = work.seenNow([...keys, ...failedKeys, ...removedKeys]);
    const renewed = await this.readAnew(page, keyOf, seen);
    const renewedKeys = renewed.objects.map(({ anchor }) => keyOf(anchor));
    const known = await index.findOutlines(renewedKeys);
    const gone = await index.findObjects(renewed.removed.map(keyOf));
    await index.markSeen(work.cycleId, [...keys, ...failedKeys]);
    if (page.failures.some(({ anchor }) => anchor === null)) {
      this.withheld = someRecordIsNobodys;
    }
    const same = await this.findSame(renewed.objects, renewedKeys, known);
    const present = renewed.objects.flatMap(({ anchor, attributes }, at) =>
      this.candidate(renewedKeys[at]!, anchor, attributes, known.get(renewedKeys[at]!), same.has(renewedKeys[at]!)),
    );
    const removed = [...gone.values()].filter(({ deleted }) => !deleted).map((each) => work.gone(each));
    this.removed += removed.length;
    await this.sayPage([...present, ...removed], page, renewed);
  }

  /** A page may be older than what was read on demand since the reading of the source began: of these objects the newest is asked for. */
  private async readAnew(
    { objects, removed }: Pick<SourcePage, 'objects' | 'removed'>,
    keyOf: (anchor: string) => ObjectKey,
    seen: Seen,
  ): Promise<Seen & Pick<SourcePage, 'objects' | 'removed'>> {
    const { demanded, signal } = this.work.ports;
    const { source, mapping } = this.work.kind.systems;
    const anchors = [...objects.map(({ anchor }) => anchor), ...removed];
    const isOlder = await this.findReadSince(anchors.map(keyOf));
    const at = new Map<ObjectKey, number>();
    const find = async (anchor: string): Promise<SourceObject | null | 'unusable'> => {
      const key = keyOf(anchor);
      at.set(key, demanded.instant());
      demanded.readElsewhere([key], demanded.instant());
      return source.find(mapping.source, anchor, sourceAttributesOf(mapping), signal).catch(unlessUnusable);
    };
    const newest: SourceObject[] = [];
    const stillRemoved: string[] = [];
    for (const each of objects) {
      const found = isOlder.has(keyOf(each.anchor)) ? await find(each.anchor) : each;
      // Who is gone since, or has an unusable record since, is the next cycle's affair.
      if (found && found !== 'unusable') newest.push(found);
    }
    for (const anchor of removed) {
      const found = isOlder.has(keyOf(anchor)) ? await find(anchor) : null;
      if (!found) stillRemoved.push(anchor);
      else if (found !== 'unusable') newest.push(found); // back since
    }
    return { objects: newest, removed: stillRemoved, basis: seen.basis, readAt: (key) => at.get(key) ?? seen.readAt(key) };
  }

  /** Who of them was read on demand since the reading began: by this process, or by one before it. */
  private async findReadSince(keys: readonly ObjectKey[]): Promise<ReadonlySet<ObjectKey>> {
    const { demanded, index } = this.work.ports;
    const since = keys.filter((key) => demanded.isReadSince(key, this.openedAt));
    if (this.openedAt > -Infinity) return new Set(since);
    const known = await index.findOutlines(keys);
    return new Set([...since, ...keys.filter((key) => isDemandRequest(known.get(key)?.cycleId ?? ''))]);
  }

  /** Who is as he was: the same record, or one that agrees in all that the rules need. Earlier rules may have needed more, and left that in what is known. */
  private async findSame(
    objects: SourcePage['objects'],
    keys: readonly ObjectKey[],
    known: ReadonlyMap<ObjectKey, ObjectOutline>,
  ): Promise<ReadonlySet<ObjectKey>> {
    const { cycle, kind, ports } = this.work;
    const same = new Set<ObjectKey>();
    const unlike = new Map<ObjectKey, Candidate['attributes']>();
    for (const [at, { attributes }] of objects.entries()) {
      const outline = known.get(keys[at]!);
      if (!outline || outline.deleted || outline.hash === null) continue;
      if (outline.hash === contentHash(attributes)) same.add(keys[at]!);
      else unlike.set(keys[at]!, attributes);
    }
    const agree = agreeFor(kind.mapping);
    const whole = cycle.opened.kind === 'incremental' ? await ports.index.findObjects([...unlike.keys()]) : new Map();
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
      await this.work.say(rest.slice(0, mostPerAppend), before, seen);
      rest = rest.slice(mostPerAppend);
    }
    await this.work.say(rest, { ...before, at: cursor }, seen, { failures, read });
    this.at = cursor;
  }

  private candidate(
    objectKey: ObjectKey,
    sourceId: string,
    attributes: Candidate['attributes'],
    known: ObjectOutline | undefined,
    isSame: boolean,
  ): Candidate[] {
    const { cycleId, cycle, kind } = this.work;
    const isNew = known === undefined || known.deleted;
    if (known?.cycleId === cycleId || (isSame && cycle.opened.kind === 'incremental')) return [];
    const facts = this.work.facts(objectKey, displayNameOf(kind.mapping, attributes));
    const change = isNew ? 'added' : isSame ? 'again' : 'updated';
    return [{ facts, sourceId, change, attributes, linkedId: known?.targetId ?? null }];
  }

  /** Takes up what was known and did not show in a complete read, page by page. */
  private async takeUpAbsent(cursor: AbsentCursor): Promise<AbsentCursor> {
    const { work } = this;
    let at = cursor;
    const { type } = work.kind.mapping;
    while (at.gone >= 0 && at.withheld === null) {
      const seen = work.knownNow([]);
      const absent = await work.ports.index.listUnseen(work.cycleId, type, at.after, mostPerAppend);
      if (absent.length === 0) break;
      at = { ...at, after: absent.at(-1)!.objectKey, gone: at.gone + absent.length };
      await work.say(
        absent.map((known) => work.gone(known)),
        at,
        seen,
      );
      await work.betweenPages();
    }
    return at;
  }
}

function unlessUnusable(error: unknown): 'unusable' {
  if (error instanceof ConnectorError && error.kind === 'rejected') return 'unusable';
  throw error;
}
