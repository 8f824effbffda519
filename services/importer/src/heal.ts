import type { JobId } from '@provident/domain';
import { asChangeId, asCycleId } from '@provident/domain';
import type { DataSource } from 'typeorm';

import { changeIdOf } from './cycle/change-id.js';
import { type DuePorts, sayDueMembers } from './cycle/due-members.js';
import { type AgainPorts, type CausedCandidate, importAllAgain } from './import-again.js';
import type { Saying } from './job-writer.js';
import { listReady } from './state/reference-index.js';

/** So many references are taken up at once. */
const mostReady = 100;

/** Attempt of what is taken up between cycles: only attempt 0 counts in a cycle's tally. */
const uncounted = 1;

export type HealPorts = Omit<AgainPorts, 'index'> & { readonly database: DataSource };

/**
 * Takes up objects again whose reference waited for an account that is there now. Nothing but that brings them back: no cycle waits for a reference.
 * @throws ConnectorError when the target as a whole cannot be asked
 */
export async function healReferences(ports: HealPorts): Promise<Saying[]> {
  const { database, jobId, systems } = ports;
  const candidates = (await listReady(database, jobId, mostReady)).map((ready): CausedCandidate => {
    const { objectKey, inCycle, readyAt, sourceId, displayName, attributes, targetId } = ready;
    const changeId = asChangeId(changeIdOf(inCycle, `${objectKey} reference ${readyAt}`));
    const facts = { jobId, cycleId: asCycleId(inCycle), changeId, objectKey, rules: systems.rules, attempt: uncounted, round: 0 };
    return {
      candidate: {
        facts: displayName === null ? facts : { ...facts, displayName },
        sourceId,
        change: 'again',
        attributes,
        linkedId: targetId,
      },
      cause: readyAt,
    };
  });
  return candidates.length === 0 ? [] : importAllAgain(candidates, ports);
}

/** Writes memberships that could not be written when their cycle was imported, because an account was still missing. */
export function healMemberships(
  ports: DuePorts & { readonly jobId: JobId },
  append: (sayings: readonly Saying[]) => Promise<unknown>,
): Promise<number> {
  return sayDueMembers(ports, ({ cycleId }) => ({ cycleId, attempt: uncounted, cause: 0 }), append);
}
