import { say } from '@provident/bus';
import type { MembershipPage, MembershipReading, SourceFailure, TargetAbilities } from '@provident/connectors';
import { type DataOf, type ImportCompleted, MembershipsImported } from '@provident/contracts';
import { type JobId, type Nesting, type ObjectKey, type ObjectMapping, asCycleId, nestingCycles } from '@provident/domain';

import type { JobWriter, Saying } from '../job-writer.js';
import type { MembershipChange, MembershipIndex } from '../state/membership-index.js';

/** What becomes of groups in groups: as the job has it, as far as the target can. */
export function nestingOf(
  { nested }: ObjectMapping,
  { nestedGroups }: Pick<TargetAbilities, 'nestedGroups'>,
): NonNullable<ObjectMapping['nested']> {
  if (nestedGroups) return nested ?? 'keep';
  return nested === 'flatten' ? 'flatten' : 'refuse';
}

/** What came of a cycle's reading of memberships. */
export type MembershipSummary = NonNullable<DataOf<typeof ImportCompleted>['memberships']>;

export interface MembershipPorts {
  readonly jobId: JobId;
  readonly cycleId: string;
  /** Log sequence of the cycle-opened. */
  readonly cause: number;
  readonly memberships: MembershipIndex;
  readonly writer: JobWriter;
  readonly nested: NonNullable<ObjectMapping['nested']>;
  readonly sayUnusable: (failures: readonly SourceFailure[]) => Promise<void>;
  /** Called now and then: what waits for its turn gets it. */
  readonly told: () => Promise<void>;
}

const changesAtOnce = 5_000;
/** One event stays far below what a broker takes, however long the anchors are. */
const mostPerEvent = 500;
const mostCharactersPerEvent = 96 * 1_024;

/**
 * Reads who belongs to which group, compares it with what is known, and says what differs. What did not show has ended only where everything was
 * read, nothing of it was unusable, and at least one membership came; or, of a reading of some groups, where a group's list came to its end.
 * @throws ConnectorError when the source cannot be read to its end: nothing is said then
 */
export async function importMemberships(reading: MembershipReading, ports: MembershipPorts): Promise<MembershipSummary> {
  const { memberships, cycleId } = ports;
  const isDelta = reading.kind === 'delta';
  await memberships.beginReading(cycleId);
  let unusable = 0;
  for await (const page of reading.pages) {
    unusable += await takePage(page, ports);
    if (page.failures.length > 0) await ports.sayUnusable(page.failures);
  }
  const absenceWithheld = await whyAbsenceProvesNothing(unusable, ports, isDelta);
  if (isDelta) await memberships.recallNestings(cycleId);
  await settleNesting(ports);
  if (isDelta) await memberships.compareSome(cycleId, absenceWithheld === null);
  else await memberships.compare(cycleId, absenceWithheld === null);
  return { ...(await sayChanges(ports)), absenceWithheld };
}

/** Notes what one page shows. @returns how many unusable records may concern any group */
export async function takePage(
  { memberships: shown, failures, anew = [], whole = [] }: MembershipPage,
  { memberships, cycleId, nested }: ReadPorts & Pick<MembershipPorts, 'nested'>,
): Promise<number> {
  await memberships.forget(cycleId, anew);
  await memberships.markSeen(cycleId, shown);
  await memberships.markRead(cycleId, whole, true);
  const lost = failures.flatMap(({ group }) => group ?? []);
  await memberships.forget(cycleId, lost);
  await memberships.markRead(cycleId, lost, false);
  // Who is in a group may follow from any other one that is in it.
  return nested === 'flatten' ? failures.length : failures.length - lost.length;
}

type ReadPorts = Pick<MembershipPorts, 'memberships' | 'cycleId'>;

/** Why nobody who did not show has left a group, in a sentence; null when absence proves it. */
export async function whyAbsenceProvesNothing(
  unusable: number,
  { memberships, cycleId }: ReadPorts,
  isDelta = false,
): Promise<string | null> {
  if (unusable > 0)
    return `${unusable} record(s) of memberships could not be used: nobody who is missing is taken out of a group in this cycle`;
  if (isDelta || (await memberships.countSeen(cycleId)) > 0) return null;
  const wanted = await memberships.countWanted();
  return wanted === 0 ? null : `the source holds no membership at all, but held ${wanted} before: nobody is taken out of a group for that`;
}

/** Groups in groups: those that can never be right are left out, the others as the job wants it. */
export async function settleNesting({ memberships, cycleId, nested }: ReadPorts & Pick<MembershipPorts, 'nested'>): Promise<void> {
  const nestings = await memberships.listNestings(cycleId);
  if (nestings.length === 0) return;
  const circular = nestingCycles(nestings);
  if (nested === 'refuse') await memberships.refuse(cycleId, nestings, 'nested-group');
  await memberships.refuse(cycleId, circular, 'nesting-cycle');
  await memberships.refuse(cycleId, circular.filter(containsItself), 'contains-itself');
  if (nested === 'flatten') await memberships.flatten(cycleId);
}

const containsItself = ({ group, member }: Nesting): boolean => group === member;

async function sayChanges(ports: MembershipPorts): Promise<Omit<MembershipSummary, 'absenceWithheld'>> {
  const { memberships, cycleId, writer, told } = ports;
  const counts = { added: 0, removed: 0, refused: 0 };
  for (let after: Nesting | null = null; ; ) {
    const changes: MembershipChange[] = await memberships.listChanges(cycleId, after, changesAtOnce);
    const last = changes.at(-1);
    if (!last) return counts;
    for (const { kind } of changes) counts[kind] += 1;
    await writer.append(inEvents(changes).map((some) => sayImported(some, ports)));
    after = last;
    await told();
  }
}

/** Changes of one group each, as many as one event takes. */
function inEvents(changes: readonly MembershipChange[]): MembershipChange[][] {
  const events: MembershipChange[][] = [];
  let characters = 0;
  for (const change of changes) {
    const event = events.at(-1);
    characters += change.member.length;
    const fits = event && event[0]!.group === change.group && event.length < mostPerEvent && characters <= mostCharactersPerEvent;
    if (fits) event.push(change);
    else {
      events.push([change]);
      characters = change.member.length;
    }
  }
  return events;
}

function sayImported(changes: readonly MembershipChange[], { jobId, cycleId, cause }: MembershipPorts): Saying {
  const [{ group, member, kind }] = changes as [MembershipChange];
  const keysOf = (wanted: MembershipChange['kind']): ObjectKey[] =>
    changes.filter((change) => change.kind === wanted).map((change) => change.member);
  const said = say(MembershipsImported, `${cycleId}.memberships.${group}.${member}.${kind}`, group, {
    jobId,
    cycleId: asCycleId(cycleId),
    objectKey: group,
    added: keysOf('added'),
    removed: keysOf('removed'),
    refused: changes.flatMap((change) => (change.kind === 'refused' ? [refusalOf(change)] : [])),
  });
  return { said, cause };
}

type Refusal = DataOf<typeof MembershipsImported>['refused'][number];

function refusalOf({ group, member, refused }: MembershipChange): Refusal {
  const code = refused as Refusal['code'];
  const texts: Record<Refusal['code'], string> = {
    'nested-group': `${member} is a group, and groups in groups are left out`,
    'nesting-cycle': `${group} and ${member} contain each other, directly or by way of others: none of the memberships in that circle is written`,
    'contains-itself': `${group} contains itself`,
  };
  return { key: member, code, text: texts[code] };
}
