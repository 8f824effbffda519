import { say } from '@provident/bus';
import { type CommandAnswer, RetriesOrdered, type RetryEscrows } from '@provident/contracts';
import type { z } from 'zod';

import { done } from './job-owners.js';
import type { OrderContext } from './order-context.js';

/** Puts the wish on record; whoever keeps the failed objects hears of it. */
export async function retry(
  { scope, by }: z.infer<typeof RetryEscrows.schema>,
  { state: { jobId, life }, position, say: tell }: OrderContext,
): Promise<CommandAnswer> {
  await tell([say(RetriesOrdered, `${jobId}.retries-ordered.${position}`, jobId, { jobId, scope, by })]);
  const stands = life.isDisabled ? 'disabled' : life.isPaused ? 'paused' : null;
  return done(stands === null ? 'tried again now' : `tried again once job "${jobId}" is started: it is ${stands}`, { jobId });
}
