import type { JobId } from '@provident/domain';
import { asChangeId, asCycleId } from '@provident/domain';
import type { DataSource } from 'typeorm';

import { changeIdOf } from './cycle/change-id.js';
import { type DuePorts, sayDueMembers } from './cycle/due-members.js';
import { type AgainPorts, type CausedCandidate, importAllAgain } from './import-again.js';
import type { Saying } from './job-writer.js';
import { listStale } from './state/reference-index.js';

/** So many references are taken up at once. */
const mostStale = 100;

/** Attempt of what is taken up between cycles: only attempt 0 counts in a cycle's tally. */
const uncounted = 1;

export type HealPorts = Omit<AgainPorts, 'index'> & { readonly database: DataSource };

/**
 * Takes up objects again that refer to somebody whose account has come since, or is gone. Nothing but that brings them back: no cycle waits for a reference.
 * @throws ConnectorError when the target as a whole cannot be asked
 */
export async function healReferences(ports: HealPorts): Promise<Saying[]> {
  const { database, jobId, systems } = ports;
  const candidates = (await listStale(database, jobId, mostStale)).map((stale): CausedCandidate => {
    const { objectKey, inCycle, staleAt, sourceId, displayName, attributes, targetId } = stale;
    const changeId = asChangeId(changeIdOf(inCycle, `${objectKey} reference ${staleAt}`));
    const facts = { jobId, cycleId: asCycleId(inCycle), changeId, objectKey, rules: systems.rules, attempt: uncounted, round: 0 };
    return {
      candidate: {
        facts: displayName === null ? facts : { ...facts, displayName },
        sourceId,
        change: 'again',
        attributes,
        linkedId: targetId,
      },
      cause: staleAt,
    };
  });
  if (candidates.length === 0) return [];
  const sayings = await importAllAgain(candidates, ports);
  return sayings.map(({ said, cause }) => ({ said: { ...said, span: { ...said.span, isFirst: true } }, cause }));
}

/** Writes memberships that could not be written when their cycle was imported, because an account was still missing. */
export function healMemberships(
  ports: DuePorts & { readonly jobId: JobId },
  append: (sayings: readonly Saying[]) => Promise<unknown>,
): Promise<number> {
  return sayDueMembers(ports, ({ cycleId }) => ({ cycleId, attempt: uncounted, cause: 0 }), append);
}
