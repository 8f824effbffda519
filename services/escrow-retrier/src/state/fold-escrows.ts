import { EscrowCleared, EscrowExpired, EscrowRecorded, type LogEvent, RetryDue, is } from '@provident/contracts';
import type { EntityManager } from 'typeorm';

import { EscrowRow } from './schema.js';

/** Puts what this service said in one lane into its table. */
export async function foldEscrows(events: readonly LogEvent[], manager: EntityManager): Promise<void> {
  const escrows = manager.getRepository(EscrowRow);
  for (const event of events) {
    if (is(event, EscrowRecorded)) {
      const { sourceId, failure, firstFailedAt, retries, nextAttemptAt, ...facts } = event.data;
      const row = {
        jobId: facts.jobId,
        objectKey: facts.objectKey,
        lane: event.lane,
        facts,
        sourceId,
        failure,
        firstFailedAt: new Date(firstFailedAt),
        retries,
      };
      await escrows.upsert({ ...row, nextAttemptAt: nextAttemptAt === null ? null : new Date(nextAttemptAt) }, ['jobId', 'objectKey']);
    } else if (is(event, RetryDue)) {
      const { jobId, objectKey, attempt } = event.data;
      await escrows.update({ jobId, objectKey }, { retries: attempt, nextAttemptAt: null });
    } else if (is(event, EscrowCleared) || is(event, EscrowExpired)) {
      const { jobId, objectKey } = event.data;
      await escrows.delete({ jobId, objectKey });
    }
  }
}
