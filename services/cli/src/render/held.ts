import type { HeldPageView, HeldRemovalView, HoldView } from '@provident/contracts';

import { typed } from '../places.js';
import { counted, formatInstant } from './format.js';
import { renderTable } from './table.js';
import { cut, printable } from './text.js';

const columns = [{ title: 'OBJECT' }, { title: 'REMOVAL' }, { title: 'HELD SINCE' }, { title: 'CYCLE' }, { title: 'WHY' }] as const;

const widestWords = 70;
const mostNames = 20;

/** Which limits hold removals, then each removal by name, and what can be done about them. */
export function renderHeld(jobId: string, { holds, removals, next }: HeldPageView, width: number, timeZone?: string): string {
  if (holds.length === 0 && removals.length === 0) return 'No removal waits.';
  const table = renderTable(
    columns,
    removals.map((removal) => rowOf(removal, timeZone)),
    width,
  );
  const members = removals.filter((each) => each.members.length > 0).map(membersOf);
  const more = next === null ? [] : [`There is more: --cursor ${next}`];
  const [first] = holds;
  const decide = first
    ? [
        `Do them: ${typed(`release ${jobId} ${first.cycleId}`)} (--user ID …, --group ID … for some)`,
        `Let them be: ${typed(`reject ${jobId} ${first.cycleId}`)}`,
      ]
    : ['They wait for the next cycle, which counts them.'];
  return [...holds.map((hold) => holdText(hold)), '', table, '', ...members, ...more, ...decide].join('\n');
}

const holdText = ({ cycleId, proposed, threshold }: HoldView): string =>
  `${counted(proposed, 'removal')} of cycle ${cycleId} ${proposed === 1 ? 'waits' : 'wait'}: ${printable(threshold)}`;

const nameOf = (displayName: string | null, id: string): string =>
  printable(displayName === null || displayName === id ? id : `${displayName} (${id})`);

function rowOf({ displayName, sourceId, objectKey, kind, members, heldAt, cycleId, text }: HeldRemovalView, timeZone?: string): string[] {
  return [
    nameOf(displayName, sourceId ?? objectKey),
    kind === 'membership' ? `${counted(members.length, 'member')} out of the group` : kind,
    formatInstant(heldAt, timeZone),
    cycleId,
    cut(printable(text), widestWords),
  ];
}

function membersOf({ displayName, sourceId, objectKey, members }: HeldRemovalView): string {
  const names = members.slice(0, mostNames).map((each) => nameOf(each.displayName, each.objectKey));
  const rest = members.length > mostNames ? ` and ${members.length - mostNames} more` : '';
  return `Out of ${nameOf(displayName, sourceId ?? objectKey)}: ${names.join(', ')}${rest}`;
}
