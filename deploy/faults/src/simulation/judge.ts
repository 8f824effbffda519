import { checkLog, openEscrows } from '@provident/bus/testing/check-log';
import { ExportDeferred, ExportFailed, type LogEvent, TargetObjectImported, is } from '@provident/contracts';

import { type Person, isWanted } from './people.js';
import type { Source } from './ports/sim-source.js';
import type { Target } from './ports/sim-target.js';

/** What is not as it has to be once nothing moves any more, in sentences. Knows the rules in words of its own. */
export function judge(events: readonly LogEvent[], source: Source, target: Target): string[] {
  return [...checkLog(events), ...checkAccounts(events, source, target), ...checkEscrows(events, source)];
}

function checkAccounts(events: readonly LogEvent[], source: Source, target: Target): string[] {
  const lost = lostCreations(events);
  const problems: string[] = [];
  const owners = new Map<string, string[]>();
  for (const [id, { attributes }] of target.accounts) {
    const anchor = String(attributes['externalId']);
    owners.set(anchor, [...(owners.get(anchor) ?? []), id]);
  }
  for (const [anchor, ids] of owners) {
    const person = source.people.get(anchor);
    if (ids.length > 1) problems.push(`${anchor} has ${ids.length} accounts: ${ids.join(', ')}`);
    if (!isWanted(person) && lost.has(anchor)) continue;
    if (!person) problems.push(`${anchor} is gone from the source and has account ${ids.join(', ')}`);
    if (person && !isWanted(person) && target.accounts.get(ids[0]!)!.isActive)
      problems.push(`${anchor} is not wanted, and account ${ids[0]} is active`);
    if (!source.versions.some((people) => isWanted(people.get(anchor))))
      problems.push(`${anchor} was never wanted, and has account ${ids.join(', ')}`);
  }
  for (const person of source.people.values()) {
    if (!isWanted(person)) continue;
    const [id] = owners.get(person.anchor) ?? [];
    const account = id === undefined ? undefined : target.accounts.get(id);
    if (!account) problems.push(`${person.anchor} is wanted and has no account`);
    else if (!account.isActive) problems.push(`${person.anchor} is wanted, and account ${id} is disabled`);
    else if (!isAsWanted(person, account.attributes))
      problems.push(`${person.anchor} is ${JSON.stringify(person)}, but the account ${JSON.stringify(account.attributes)}`);
  }
  return problems;
}

/**
 * People for whom an account may have been made without an answer, and who left before it could be matched to them. Such an account stays: it
 * cannot be told from one that somebody else made under that name, and nobody else's account is ever touched.
 */
function lostCreations(events: readonly LogEvent[]): Set<string> {
  const unanswered = events.filter(
    (event) =>
      (is(event, ExportDeferred) && event.data.action === 'create') ||
      (is(event, ExportFailed) && event.data.action === 'create' && event.data.failure.kind === 'unknown-outcome'),
  );
  const linked = new Set(
    events
      .filter((event) => is(event, TargetObjectImported))
      .filter(({ data }) => data.by !== 'none')
      .map(({ data }) => data.objectKey as string),
  );
  const keys = unanswered.map(({ data }) => (data as { objectKey: string }).objectKey).filter((key) => !linked.has(key));
  return new Set(keys.map((key) => key.slice(key.indexOf(':') + 1)));
}

const isAsWanted = ({ userName, changedIn }: Person, attributes: Record<string, unknown>): boolean =>
  attributes['userName'] === userName && attributes['title'] === `v${changedIn}`;

/** Nothing is left to try, but for records of people who are not there any more. */
export const checkEscrows = (events: readonly LogEvent[], source: Source): string[] =>
  openEscrows(events)
    .filter((objectKey) => source.people.has(objectKey.slice(objectKey.indexOf(':') + 1)))
    .map((objectKey) => `${objectKey} is still in escrow`);
