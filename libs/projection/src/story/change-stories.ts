import { is, type LogEvent, type ObjectFacts, SourceObjectImported } from '@provident/contracts';

import type { Connection } from '../sql/connection.js';
import { plainArray, textArray } from '../sql/arrays.js';
import { type ChangeStory, endHeld, isDecisive, isObjectEvent, type Outcome, tell, withdrawnBy } from './change-story.js';

/** What one event did to the story of its change. */
export interface ChangeStep {
  readonly story: ChangeStory;
  /** The change's first event. */
  readonly begun: boolean;
  /** 0 at first, n at the n-th retry. */
  readonly attempt: number;
  readonly decisive: boolean;
  readonly outcomeBefore: Outcome | null;
  /** The change whose held removal was taken back with it, if any. */
  readonly withdrawn: ChangeStory | null;
}

interface Wanted {
  readonly jobId: string;
  readonly objectKey: string;
  readonly changeId: string;
  readonly cycleId: string;
}

interface EarlierEvent {
  readonly sequence: number;
  readonly type: string;
  readonly at: string;
  readonly job_id: string;
  readonly data: ObjectFacts;
  /** The change that was asked for: another than the event's own when the event takes its held removal back. */
  readonly change_id: string;
}

/** Stories kept in memory; any other is read back from its events. */
const remembered = 10_000;

/** Lateral and fenced: one index look-up per change, whatever the planner believes about tables that were just emptied. */
const earlierEvents = `
  select event.sequence, event.type, event.at, event.job_id, event.data, wanted.change_id
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) as wanted (job_id, object_key, change_id, since)
  cross join lateral (
    select * from audit_event
    where job_id = wanted.job_id and object_key = wanted.object_key and sequence >= wanted.since
      and (change_id = wanted.change_id or (type = 'removal-withdrawn' and data ->> 'heldChangeId' = wanted.change_id))
    offset 0
  ) event
  order by event.sequence`;

const wantedOf = ({ jobId, data }: LogEvent<ObjectFacts>, { changeId, cycleId }: Pick<Wanted, 'changeId' | 'cycleId'>): Wanted => ({
  jobId,
  objectKey: data.objectKey,
  changeId,
  cycleId,
});

/** Nothing can have been said of the change before this. */
const beginsChange = (event: LogEvent<ObjectFacts>): boolean =>
  is(event, SourceObjectImported) && event.data.attempt === 0 && event.data.round === 0;

/**
 * The changes that are under way. A story is nothing but the fold of its change's events, so that it does not matter
 * where one batch ends and the next begins, or whether a story was still remembered.
 */
export class ChangeStories {
  private readonly stories = new Map<string, ChangeStory>();

  /** @param since a sequence before which no event of the cycle can be */
  async load(connection: Connection, events: readonly LogEvent[], since: (jobId: string, cycleId: string) => number): Promise<void> {
    const wanted = new Map<string, Wanted>();
    const begun = new Set<string>();
    for (const event of events) {
      if (!isObjectEvent(event)) continue;
      const { changeId } = event.data;
      if (!this.stories.has(changeId) && !begun.has(changeId)) {
        if (beginsChange(event)) begun.add(changeId);
        else wanted.set(changeId, wantedOf(event, event.data));
      }
      const other = withdrawnBy(event);
      if (other && !this.stories.has(other.changeId) && !begun.has(other.changeId)) wanted.set(other.changeId, wantedOf(event, other));
    }
    if (wanted.size === 0) return;
    const list = [...wanted.values()];
    const earlier = await connection.query<EarlierEvent>({
      name: 'earlier-events',
      text: earlierEvents,
      values: [
        textArray(list.map(({ jobId }) => jobId)),
        textArray(list.map(({ objectKey }) => objectKey)),
        textArray(list.map(({ changeId }) => changeId)),
        plainArray(list.map(({ jobId, cycleId }) => since(jobId, cycleId))),
      ],
    });
    for (const row of earlier.rows) {
      const event = { sequence: row.sequence, type: row.type, at: row.at, jobId: row.job_id, data: row.data } as LogEvent<ObjectFacts>;
      const known = this.stories.get(row.change_id);
      if (row.data.changeId !== row.change_id) {
        if (known) endHeld(known, event);
        continue;
      }
      const story = tell(known, event);
      story.written = story.status !== null;
      this.stories.set(story.changeId, story);
    }
  }

  hear(event: LogEvent): ChangeStep | null {
    if (!isObjectEvent(event)) return null;
    const known = this.stories.get(event.data.changeId);
    const outcomeBefore = known?.outcome ?? null;
    const story = tell(known, event);
    if (!known) this.stories.set(story.changeId, story);
    const withdrawn = this.stories.get(withdrawnBy(event)?.changeId ?? '') ?? null;
    if (withdrawn) endHeld(withdrawn, event);
    return { story, begun: known === undefined, attempt: event.data.attempt, decisive: isDecisive(event), outcomeBefore, withdrawn };
  }

  /** After a batch: lets go of what is unlikely to be continued, and of the oldest beyond the limit. */
  settle(touched: Iterable<ChangeStory>): void {
    for (const story of touched) {
      if ((story.status === 'success' || story.status === 'skipped') && story.escrow === null) this.stories.delete(story.changeId);
    }
    for (const changeId of this.stories.keys()) {
      if (this.stories.size <= remembered) break;
      this.stories.delete(changeId);
    }
  }

  /** Whatever goes on of an object is read back from its events. */
  forgetObject(jobId: string, objectKey: string): void {
    for (const story of this.stories.values())
      if (story.jobId === jobId && story.objectKey === objectKey) this.stories.delete(story.changeId);
  }

  forget(): void {
    this.stories.clear();
  }
}
