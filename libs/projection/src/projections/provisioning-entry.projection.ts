import type { LogEvent } from '@provident/contracts';

import type { Projection } from '../projection.js';
import { BinaryRows } from '../sql/binary-rows.js';
import { storableJson } from '../sql/clean-json.js';
import type { Flight } from '../sql/flight.js';
import { isoOf, msOf } from '../sql/instants.js';
import { upsertRows } from '../sql/upsert-rows.js';
import type { ChangeStep } from '../story/change-stories.js';
import type { ChangeStory } from '../story/change-story.js';

const columns = [
  'change_id',
  'first_sequence',
  'job_id',
  'cycle_id',
  'object_key',
  'object_type',
  'started_at',
  'source_id',
  'target_id',
  'display_name',
  'matching_value',
  'action',
  'status',
  'reason',
  'text',
  'attempts',
  'activities',
  'escrow',
  'next_attempt_at',
  'at',
  'troubled_at',
  'last_sequence',
  'modified',
];

/** The provisioning log: one row per change, from the moment it is decided. */
export class ProvisioningEntryProjection implements Projection {
  readonly name = 'provisioning-entry';
  private readonly decided = new Set<ChangeStory>();
  private readonly fresh = new BinaryRows(columns.length);

  hear(_event: LogEvent, step: ChangeStep | null): void {
    for (const story of [step?.story, step?.withdrawn]) if (story && story.status !== null) this.decided.add(story);
  }

  write(flight: Flight): void {
    const { fresh } = this;
    const known: ChangeStory[] = [];
    for (const story of this.decided) {
      if (story.written) known.push(story);
      else append(fresh, story);
      story.written = true;
    }
    this.decided.clear();
    if (!fresh.isEmpty) flight.copy(`provisioning_entry (${columns.join(', ')})`, fresh);
    upsertRows(flight, 'provisioning_entry', 2, columns, known.map(row));
  }

  forget(): void {
    this.decided.clear();
    this.fresh.clear();
  }
}

const troubledAt = ({ status, escrow, at }: ChangeStory): number | null =>
  status === 'failure' || status === 'warning' || escrow !== null ? at : null;

function append(rows: BinaryRows, story: ChangeStory): void {
  rows.row();
  rows.text(story.changeId);
  rows.int8(story.firstSequence);
  rows.text(story.jobId);
  rows.text(story.cycleId);
  rows.text(story.objectKey);
  rows.text(story.objectType);
  rows.instant(story.startedAt);
  rows.text(story.sourceId);
  rows.text(story.targetId);
  rows.text(story.displayName);
  rows.text(story.matchingValue);
  rows.text(story.action);
  rows.text(story.status);
  rows.text(story.reason);
  rows.text(story.text);
  rows.int4(story.attempts);
  rows.int2(story.activities);
  rows.text(story.escrow);
  rows.instant(story.nextAttemptAt === null ? null : msOf(story.nextAttemptAt));
  rows.instant(story.at);
  rows.instant(troubledAt(story));
  rows.int8(story.lastSequence);
  rows.text(storableJson(story.modified));
}

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : isoOf(ms));

const row = (story: ChangeStory) => ({
  change_id: story.changeId,
  job_id: story.jobId,
  cycle_id: story.cycleId,
  object_key: story.objectKey,
  object_type: story.objectType,
  started_at: isoOf(story.startedAt),
  first_sequence: story.firstSequence,
  source_id: story.sourceId,
  target_id: story.targetId,
  display_name: story.displayName,
  matching_value: story.matchingValue,
  action: story.action,
  status: story.status,
  reason: story.reason,
  text: story.text,
  attempts: story.attempts,
  activities: story.activities,
  escrow: story.escrow,
  next_attempt_at: story.nextAttemptAt,
  at: isoOf(story.at),
  troubled_at: isoOrNull(troubledAt(story)),
  last_sequence: story.lastSequence,
  modified: story.modified,
});
