import { say } from '@provident/bus';
import { type DataOf, DriftFound, type DriftSummary, type ObjectFacts } from '@provident/contracts';
import {
  type DriftMode,
  type Evaluation,
  type JobId,
  type Member,
  type ObjectKey,
  type ObjectMapping,
  asCycleId,
  evaluateObject,
} from '@provident/domain';

import type { Saying } from '../job-writer.js';
import type { KnownObject } from '../state/source-index.js';
import type { Accounts } from './accounts.js';
import type { DriftedMembers } from './drifted-members.js';
import { type FindAssociations, type FindOwners, type Wanted, findAccounts } from './import-objects.js';

/** An object with an account, and whether this job has disabled that. */
export type LinkedObject = KnownObject & { readonly disabled: boolean };

type Drift = DataOf<typeof DriftFound>;

export const nothingChecked: Omit<DriftSummary, 'mode'> = { checked: 0, differ: 0, vanished: 0, unasked: 0 };

export interface DriftPorts {
  readonly mapping: ObjectMapping;
  readonly findOwners: FindOwners;
  readonly findAssociations: FindAssociations;
}

/** How an account is other than the rules made it; `attributes` names what differs. */
export type FoundDrift = Pick<Drift, 'account' | 'attributes' | 'targetId'>;

/**
 * Compares accounts with what the rules expect of them, from what is known of the source. Of an account that is not wanted only this counts: that it
 * was disabled by the job, and is in use again.
 * @throws ConnectorError when the target as a whole cannot be asked
 */
export async function compareAccounts(
  objects: readonly LinkedObject[],
  accounts: Accounts,
  { mapping, findOwners, findAssociations }: DriftPorts,
): Promise<{ readonly found: Map<ObjectKey, FoundDrift>; readonly unasked: number }> {
  const wanted = objects.map(
    ({ objectKey, attributes, targetId }): Wanted => ({ objectKey, attributes, linkedId: targetId, change: 'again' }),
  );
  const answers = await findAccounts(wanted, { mapping, accounts, findOwners });
  const associations = await findAssociations(
    mapping,
    wanted.filter(({ objectKey }) => answers.has(objectKey)),
  );
  const found = new Map<ObjectKey, FoundDrift>();
  let unasked = 0;
  for (const object of objects) {
    const answer = answers.get(object.objectKey);
    if (!answer || 'failure' in answer) {
      unasked += 1;
      continue;
    }
    // Members of groups are kept in step by their own changes, and are no part of this.
    const { members: _members, isDisabled: _isDisabled, ...others } = associations.get(object.objectKey) ?? {};
    const pair = { source: { change: 'again' as const, attributes: object.attributes }, target: { ...answer.found, ...others } };
    const drift = driftIn(evaluateObject(pair, mapping), object);
    if (drift) found.set(object.objectKey, { ...drift, targetId: object.targetId! });
  }
  return { found, unasked };
}

function driftIn({ action, reason, changes, enable }: Evaluation, { disabled }: LinkedObject): Omit<FoundDrift, 'targetId'> | null {
  if (action === 'fail') return reason.code === 'invalid-anchor' ? { account: 'vanished', attributes: [] } : null;
  if (action === 'update') {
    const attributes = changes.map(({ attribute, old, new: expected }) => ({ attribute, expected, found: old }));
    return { account: enable ? 'disabled' : 'differs', attributes };
  }
  return disabled && (action === 'disable' || action === 'delete') ? { account: 'enabled', attributes: [] } : null;
}

const mostNamed = 50;

/** What is said of the members of one group. */
export function sayDriftedMembers(
  {
    objectKey,
    sourceId,
    displayName,
    targetId,
  }: Pick<LinkedObject, 'objectKey' | 'sourceId' | 'displayName'> & { readonly targetId: string },
  { missing, added }: DriftedMembers,
  { jobId, cycleId, mode, cause }: DriftContext,
): Saying {
  const keys = (some: readonly Member[]): ObjectKey[] => some.slice(0, mostNamed).map(({ key }) => key);
  const about = { jobId, cycleId: asCycleId(cycleId), objectKey, sourceId, ...(displayName !== null && { displayName }) };
  const members = { missing: missing.length, added: added.length, examples: { missing: keys(missing), added: keys(added) } };
  const drift = { targetId, mode, account: 'differs' as const, attributes: [], members };
  return { said: say(DriftFound, `${cycleId}.drift-of-members.${objectKey}`, objectKey, { ...about, ...drift }), cause };
}

interface DriftContext {
  readonly jobId: JobId;
  readonly cycleId: ObjectFacts['cycleId'] | string;
  readonly mode: DriftMode;
  readonly cause: number;
}

/** What is said of one account. */
export function sayDrift(
  { objectKey, sourceId, displayName }: LinkedObject,
  drift: FoundDrift,
  { jobId, cycleId, mode, cause }: DriftContext,
): Saying {
  const about = { jobId, cycleId: asCycleId(cycleId), objectKey, sourceId, ...(displayName !== null && { displayName }) };
  return { said: say(DriftFound, `${cycleId}.drift.${objectKey}`, objectKey, { ...about, mode, ...drift }), cause };
}
