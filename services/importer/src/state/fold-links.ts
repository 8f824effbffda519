import { type DataOf, LinkRemoved, LinkRepaired, type LogEvent, is } from '@provident/contracts';
import type { ObjectKey } from '@provident/domain';
import type { EntityManager } from 'typeorm';

import { forgetAccount, settleMemberships } from './fold-memberships.js';
import { markStale } from './fold-references.js';

/** What a person said of a link. */
type LinkEvent = LogEvent<DataOf<typeof LinkRemoved>> | LogEvent<DataOf<typeof LinkRepaired>>;

export const isLinkEvent = (event: LogEvent): event is LinkEvent => is(event, LinkRemoved) || is(event, LinkRepaired);

/**
 * Takes a link away, or sets it. Either way the next cycle takes the object up, whether or not it changes in the source: to look for its account anew, or to
 * bring the account it has now in step. Of a link that is taken away the account is kept in mind: the memberships that were written for it count again
 * if the same one is found.
 */
export async function foldLink(jobId: string, event: LinkEvent, manager: EntityManager): Promise<void> {
  const { objectKey } = event.data;
  if (is(event, LinkRemoved)) {
    await manager.query(
      `UPDATE source_object SET former_id = coalesce(target_id, former_id), target_id = NULL, unlinked = false, disabled = false, rejected = NULL,
              late = true, relinked_at = $3
        WHERE job_id = $1 AND object_key = $2`,
      [jobId, objectKey, event.sequence],
    );
    const members = 'UPDATE membership SET due = false, gated = false WHERE job_id = $1 AND (group_key = $2 OR member_key = $2)';
    await manager.query(members, [jobId, objectKey]);
    return;
  }
  if (is(event, LinkRepaired)) await repair(jobId, event, manager);
}

async function repair(
  jobId: string,
  { sequence, data: { objectKey, targetId, state, wanted } }: LogEvent<DataOf<typeof LinkRepaired>>,
  manager: EntityManager,
): Promise<void> {
  // Somebody who was matched with the account at the very moment gives it up: a person's word counts.
  await manager.query(
    `UPDATE source_object SET target_id = NULL, late = true, relinked_at = $3
      WHERE job_id = $1 AND target_id = $4 AND object_key <> $2 AND split_part(object_key, ':', 1) = split_part($2, ':', 1)`,
    [jobId, objectKey, sequence, targetId],
  );
  const [row] = await manager.query<{ cycleId: string; accountId: string | null }[]>(
    'SELECT cycle_id AS "cycleId", coalesce(target_id, former_id) AS "accountId" FROM source_object WHERE job_id = $1 AND object_key = $2',
    [jobId, objectKey],
  );
  if (!row) return;
  await manager.query(
    `UPDATE source_object SET target_id = $4, unlinked = false, former_id = NULL, sought = NULL, disabled = $5, rejected = NULL, late = true, relinked_at = $3
      WHERE job_id = $1 AND object_key = $2`,
    // An account that should be active was disabled by somebody else: it is enabled by the next cycle, and stays in its groups.
    [jobId, objectKey, sequence, targetId, state === 'disabled' && wanted !== true],
  );
  if (row.accountId !== null && row.accountId !== targetId) await forgetAccount(jobId, objectKey, manager);
  await markStale(
    jobId,
    new Map<ObjectKey, { sequence: number; cycleId: string }>([[objectKey, { sequence, cycleId: row.cycleId }]]),
    manager,
  );
  await settleMemberships(jobId, objectKey, row.cycleId, manager);
}
