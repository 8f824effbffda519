import type { RowsAsked, SimulationStore } from '@provident/bus';
import type { SimulatedMember, SimulatedOutcome, SimulatedRow } from '@provident/contracts';

import type { People } from '../privacy/people.js';
import { openItems } from '../privacy/unsealing.js';
import { type Cell, csvLine } from '../export/csv.js';

const pageSize = 500;

const columns = ['action', 'type', 'sourceId', 'name', 'matchingValue', 'targetId', 'reason', 'attribute', 'old', 'new'] as const;

/** All rows of a simulation as CSV, page by page. */
export async function* csvOf(
  store: SimulationStore,
  people: Pick<People, 'forOpening'>,
  { simulationId, comparing, ...asked }: Pick<RowsAsked, 'action' | 'search'> & { simulationId: string; comparing: boolean },
): AsyncGenerator<string> {
  yield line(comparing ? ['rules', ...columns] : columns);
  for (let after: string | undefined; ; ) {
    const page = await store.listRows(simulationId, { ...asked, after, limit: pageSize });
    yield (await openItems(page.rows, people)).map((row) => linesOf(row, comparing)).join('');
    if (page.next === null) return;
    after = page.next;
  }
}

/**
 * One line for each attribute that would change and for each member of a group, who is the new value upon joining and the old one upon leaving; and one for
 * somebody with whom nothing would happen. Twice when two sets of rules are compared.
 */
function linesOf(row: SimulatedRow, comparing: boolean): string {
  if (!comparing) return outcomeLines([], row, row);
  return outcomeLines(['current'], row, row.before ?? row) + outcomeLines(['file'], row, row);
}

function outcomeLines(
  first: readonly string[],
  { objectType, sourceId, displayName }: SimulatedRow,
  { action, match, targetId, reason, changes, members }: SimulatedOutcome,
): string {
  const about = [...first, action, objectType, sourceId, displayName, match?.value ?? null, targetId, reason.text];
  const lines = [
    ...changes.map(({ attribute, old, new: wanted }) => [attribute, old, wanted]),
    ...(members?.add ?? []).map((member) => ['members', '', memberText(member)]),
    ...(members?.remove ?? []).map((member) => ['members', memberText(member), '']),
  ];
  return (lines.length === 0 ? [['', '', '']] : lines).map((each) => line([...about, ...each])).join('');
}

/** Who it is in the source, with the name for people. */
const memberText = ({ key, displayName }: SimulatedMember): string => (displayName === null ? key : `${key} (${displayName})`);

const line = (cells: readonly unknown[]): string => csvLine(cells.map(cell));

/** What is neither text nor number is written as JSON. */
function cell(value: unknown): Cell {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}
