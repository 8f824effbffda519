import { type Said, say } from '@provident/bus';
import {
  type CommandAnswer,
  type Initiator,
  JobRecovered,
  type ReleaseRemovals,
  RemovalsRejected,
  RemovalsReleased,
} from '@provident/contracts';
import type { HeldRemovals, JobId, JobLife } from '@provident/domain';
import type { z } from 'zod';

import { done, refused } from './job-owners.js';
import type { OrderContext } from './order-context.js';

type Order = z.infer<typeof ReleaseRemovals.schema>;

/** What a person wants of removals that wait: that they are done, or that they are let be. Of all that a cycle held, or of those of some objects. */
export async function decideUponHeld(
  { cycleId, chosen, by }: Order,
  verdict: 'released' | 'rejected',
  { state: { jobId, life }, position, say: tell }: OrderContext,
): Promise<CommandAnswer> {
  const held = life.held.find((each) => each.cycleId === cycleId);
  if (!held)
    return refused(
      `no removals of cycle ${cycleId} are held; held are those of: ${life.held.map((each) => each.cycleId).join(', ') || 'none'}`,
    );
  const count = Math.min(chosen?.count ?? held.proposed, held.proposed);
  const data = { jobId, cycleId: held.cycleId, proposed: count, by, ...(chosen && { objectKeys: chosen.objectKeys }) };
  const id = `${cycleId}.removals-${verdict}.${position}`;
  await tell([
    verdict === 'released' ? say(RemovalsReleased, id, jobId, { ...data, waited: true }) : say(RemovalsRejected, id, jobId, data),
    ...lifted(jobId, life, { ...held, proposed: chosen ? held.proposed - count : 0 }, by, position),
  ]);
  return done(`${count} removal(s) of cycle ${cycleId} are ${verdict}`, { jobId, cycleId, [verdict]: count });
}

/** The quarantine that was there for held removals ends with the last of them. @param left what of the cycle still waits */
function lifted(jobId: JobId, { quarantine, held }: JobLife, left: HeldRemovals, by: Initiator, position: number): Said[] {
  const others = left.proposed > 0 || held.some((each) => each.until === 'person' && each.cycleId !== left.cycleId);
  if (quarantine?.reason !== 'too-many-removals' || others) return [];
  const quarantinedAt = new Date(quarantine.beganAtMs).toISOString();
  return [say(JobRecovered, `${jobId}.recovered.${position}`, jobId, { jobId, by, quarantinedAt })];
}
