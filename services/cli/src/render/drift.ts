import type { CycleView, DriftPageView, DriftView } from '@provident/contracts';

import { typed } from '../places.js';
import { formatInstant, formatNumber } from './format.js';
import { renderTable } from './table.js';
import { cut, printable } from './text.js';

const columns = [{ title: 'OBJECT' }, { title: 'ACCOUNT' }, { title: 'ATTRIBUTE' }, { title: 'EXPECTED' }, { title: 'FOUND' }] as const;

/** `drift: 3 of 120 accounts differ, 1 is gone`; empty for a cycle that did not look. */
export function driftLine({ drift }: Pick<CycleView, 'drift'>): string {
  if (!drift) return '';
  const { checked, differ, vanished, unasked, groups = 0, mode } = drift;
  const told = [
    `${formatNumber(differ)} of ${formatNumber(checked)} accounts ${differ === 1 ? 'differs' : 'differ'}`,
    ...(vanished > 0 ? [`${formatNumber(vanished)} ${vanished === 1 ? 'is' : 'are'} gone`] : []),
    ...(groups > 0 ? [`the members of ${formatNumber(groups)} ${groups === 1 ? 'group' : 'groups'} were changed`] : []),
    ...(unasked > 0 ? [`the target did not tell of ${formatNumber(unasked)}`] : []),
  ];
  return `drift: ${told.join(', ')}${mode === 'repair' && differ + groups > 0 ? '; to be changed back' : ''}`;
}

/** One line for each attribute that differs. */
export function renderDrift(jobId: string, { cycle, found, next }: DriftPageView, width: number, timeZone?: string): string {
  if (!cycle) return `No cycle has looked for drift yet: ${typed(`run ${jobId} --drift --wait`)}`;
  const summary = `${formatInstant(cycle.openedAt, timeZone)}, ${driftLine(cycle)}`;
  if (found.length === 0) return summary;
  const table = renderTable(columns, found.flatMap(rowsOf), width);
  const more = next === null ? [] : ['', `There is more: --cursor ${next}`];
  const repair =
    cycle.drift?.mode === 'report' && cycle.drift.differ + (cycle.drift.groups ?? 0) > 0
      ? ['', `Change it back: ${typed(`run ${jobId} --drift=repair`)}`]
      : [];
  return [summary, '', table, ...more, ...repair].join('\n');
}

const states: Record<DriftView['account'], string> = {
  differs: '',
  disabled: 'disabled, though wanted',
  enabled: 'in use, though it was disabled',
  vanished: 'gone from the target',
};

function rowsOf({ displayName, sourceId, targetId, account, attributes, members }: DriftView): string[][] {
  const who = printable(displayName === null ? sourceId : `${displayName} (${sourceId})`);
  const state = account === 'differs' ? [] : [[who, printable(targetId), '–', '–', states[account]]];
  const values = attributes.map((each) => [who, printable(targetId), printable(each.attribute), value(each.expected), value(each.found)]);
  const changed = [
    ...named(members?.missing, members?.examples.missing).map((name) => [name, 'nobody']),
    ...named(members?.added, members?.examples.added).map((name) => ['nobody', name]),
  ].map(([expected, found]) => [who, printable(targetId), 'members', expected!, found!]);
  return [...state, ...values, ...changed];
}

/** Those who are named, and how many are not. */
const named = (count = 0, some: readonly string[] = []): string[] => [
  ...some.map((each) => cut(printable(each), 40)),
  ...(count > some.length ? [`and ${formatNumber(count - some.length)} more`] : []),
];

const value = (of: unknown): string =>
  cut(printable(of === null || of === undefined ? 'nothing' : typeof of === 'string' ? of : JSON.stringify(of)), 40);
