import type { LogEvent } from '@provident/contracts';

import type { Projection } from '../projection.js';
import type { Connection } from '../sql/connection.js';
import { storableJson } from '../sql/clean-json.js';
import { copyRows, copyValue } from '../sql/copy-rows.js';
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

  hear(_event: LogEvent, step: ChangeStep | null): void {
    for (const story of [step?.story, step?.withdrawn]) if (story && story.status !== null) this.decided.add(story);
  }

  async write(connection: Connection): Promise<void> {
    let fresh = '';
    const known: ChangeStory[] = [];
    for (const story of this.decided) {
      if (story.written) known.push(story);
      else fresh += copyLine(story);
      story.written = true;
    }
    this.decided.clear();
    if (fresh !== '') await copyRows(connection, `provisioning_entry (${columns.join(', ')})`, fresh);
    await upsertRows(connection, 'provisioning_entry', 2, columns, known.map(row));
  }

  forget(): void {
    this.decided.clear();
  }
}

const troubledAt = ({ status, escrow, at }: ChangeStory): string | null =>
  status === 'failure' || status === 'warning' || escrow !== null ? at : null;

const copyLine = (story: ChangeStory): string =>
  `${copyValue(story.changeId)}\t${story.firstSequence}\t${copyValue(story.jobId)}\t${copyValue(story.cycleId)}\t${copyValue(story.objectKey)}\t` +
  `${copyValue(story.objectType)}\t${story.startedAt}\t${copyValue(story.sourceId)}\t${copyValue(story.targetId)}\t` +
  `${copyValue(story.displayName)}\t${copyValue(story.matchingValue)}\t${story.action}\t${story.status}\t${copyValue(story.reason)}\t` +
  `${copyValue(story.text)}\t${story.attempts}\t${story.activities}\t${copyValue(story.escrow)}\t${copyValue(story.nextAttemptAt)}\t` +
  `${story.at}\t${copyValue(troubledAt(story))}\t${story.lastSequence}\t${copyValue(storableJson(story.modified))}\n`;

const row = (story: ChangeStory) => ({
  change_id: story.changeId,
  job_id: story.jobId,
  cycle_id: story.cycleId,
  object_key: story.objectKey,
  object_type: story.objectType,
  started_at: story.startedAt,
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
  at: story.at,
  troubled_at: troubledAt(story),
  last_sequence: story.lastSequence,
  modified: story.modified,
});
