import {
  type SimulatedMember,
  type SimulatedOutcome,
  type SimulatedRow,
  type SimulatedTotals,
  type SimulationView,
  simulatedActions,
} from '@provident/contracts';

import type { Paint } from '../screen.js';
import { counted, formatInstant, formatNumber } from './format.js';
import { type Column, renderTable } from './table.js';
import { cut, printable, showValue } from './text.js';

export interface SimulationShown {
  readonly simulation: SimulationView;
  readonly rows: readonly SimulatedRow[];
  /** Whether there are more rows than are shown. */
  readonly more: boolean;
  /** Job file that it went by; null for the rules that apply. */
  readonly file: string | null;
}

export interface SimulationOptions {
  readonly paint: (style: Paint, text: string) => string;
  readonly timeZone?: string | undefined;
  /** Columns of the terminal. */
  readonly width: number;
}

const colours: Record<SimulatedRow['action'], Paint> = {
  create: 'green',
  update: 'cyan',
  disable: 'yellow',
  delete: 'red',
  skip: 'dim',
  unchanged: 'dim',
  fail: 'red',
};

/** What a simulation found: whose fate under which rules, the totals, and whether removals would wait. */
export function renderSimulation({ simulation, rows, more, file }: SimulationShown, options: SimulationOptions): string {
  const { comparing } = simulation;
  const table = rows.length === 0 ? nothingToShow(simulation) : comparing ? renderCompared(rows, options) : renderRows(rows, options);
  const end = more ? ['There are more: raise --limit, choose with --action, or get all of them with --csv or --json.'] : [];
  return [headOf(simulation, file, options), table, ...end, renderTotals(simulation), ...footOf(simulation)].join('\n\n');
}

function headOf({ simulationId, jobId, revision, openedAt }: SimulationView, file: string | null, { timeZone, paint }: SimulationOptions) {
  const rules = file === null ? `revision ${revision}` : `${printable(file)}, which is not applied`;
  return `${paint('bold', `Simulation of ${jobId}`)} under ${rules}, ${formatInstant(openedAt, timeZone)}  [${simulationId}]\nNothing was written.`;
}

function nothingToShow({ comparing, state }: SimulationView): string {
  if (state !== 'completed') return 'It came to nobody before it ended.';
  return comparing ? 'Nobody would fare differently.' : 'There is nobody to show.';
}

const columns: readonly Column[] = [{ title: 'Would' }, { title: 'Who' }, { title: 'Source id' }, { title: 'What and why' }];

const renderRows = (rows: readonly SimulatedRow[], { paint, width }: SimulationOptions): string =>
  renderTable(
    columns,
    rows.map((row) => [paint(colours[row.action], row.action), nameOf(row), showValue(row.sourceId), fateOf(row).join('\n')]),
    width,
  );

const renderCompared = (rows: readonly SimulatedRow[], { paint, width }: SimulationOptions): string =>
  renderTable(
    [{ title: 'Who' }, { title: 'Source id' }, { title: 'Under the rules that apply' }, { title: 'Under the file' }],
    rows.map((row) => {
      const before = row.before ?? row;
      return [nameOf(row), showValue(row.sourceId), fateBeside(before, row, paint), fateBeside(row, before, paint)];
    }),
    width,
  );

/** One person's fate under one set of rules, without the values that are the same under the other. */
function fateBeside(outcome: SimulatedOutcome, other: SimulatedOutcome, paint: SimulationOptions['paint']): string {
  const same = new Set(other.changes.map((change) => JSON.stringify(change)));
  const changes = outcome.changes.filter((change) => !same.has(JSON.stringify(change)));
  return [paint(colours[outcome.action], outcome.action), ...fateOf({ ...outcome, changes })].join('\n');
}

function nameOf({ objectType, displayName, match, part }: SimulatedRow): string {
  const name = cut(showValue(displayName ?? match?.value), 40);
  const kind = objectType === 'user' ? name : `${objectType} ${name}`;
  return part === null ? kind : `${kind}: ${part}`;
}

const widest = 100;

const mostMembers = 10;

/** Why, then each attribute with its old and its new value, then who joins and who leaves. */
function fateOf({ reason, changes, members, enable, linksNow, targetId }: SimulatedOutcome): string[] {
  return [
    cut(printable(reason.text), widest),
    ...(enable ? ['enabled again'] : []),
    ...(linksNow ? [`linked to the account ${showValue(targetId)}`] : []),
    ...changes.map(({ attribute, old, new: wanted }) => cut(`${printable(attribute)}: ${showValue(old)} → ${showValue(wanted)}`, widest)),
    ...membersOf('+', members?.add ?? []),
    ...membersOf('−', members?.remove ?? []),
  ];
}

function membersOf(sign: string, members: readonly SimulatedMember[]): string[] {
  const shown = members
    .slice(0, mostMembers)
    .map(({ key, displayName }) => cut(`${sign} ${showValue(displayName ?? key)} (${printable(key)})`, widest));
  const rest = members.length - shown.length;
  return rest > 0 ? [...shown, `${sign} ${formatNumber(rest)} more; --csv and --json name them`] : shown;
}

function renderTotals({ read, totals, before, differing, followUps, followUpsBefore }: SimulationView): string {
  const lines = [`${counted(read, 'record')} read: ${sumsOf(totals)}`, ...followingOf(followUps)];
  if (before)
    lines.push(
      `Under the rules that apply: ${sumsOf(before)}`,
      ...followingOf(followUpsBefore),
      `${counted(differing ?? 0, 'person', 'people')} would fare differently`,
    );
  return lines.join('\n');
}

/** What follows once accounts are as it says, if anything does. */
function followingOf(followUps: SimulationView['followUps']): string[] {
  if (!followUps || Object.values(followUps).every((count) => count === 0)) return [];
  const { membersAdded, membersRemoved, nestingsRefused, references } = followUps;
  const left = nestingsRefused > 0 ? `, ${counted(nestingsRefused, 'group within a group', 'groups within groups')} left out` : '';
  const numbers = [membersAdded, membersRemoved, references].map(formatNumber);
  return [`Then: ${numbers[0]} memberships written, ${numbers[1]} taken back${left}; ${numbers[2]} references`];
}

/** What would be removed, and whether it would be held: all of it, or which kinds. */
function removalsOf({ proposed, members = 0, linked, decision, threshold, held }: NonNullable<SimulationView['guard']>): string {
  const what = [
    ...(proposed > 0 ? [`${formatNumber(proposed)} of ${formatNumber(linked)} accounts in step`] : []),
    ...(members > 0 ? [counted(members, 'membership')] : []),
  ].join(', ');
  if (decision === 'release') return `${what}; they would be done`;
  if (members === 0 || !held) return `${what}; they would be held: ${threshold}`;
  return `${what}; held would be ${held.map((kind) => heldWords[kind]).join(', ')}: ${threshold}`;
}

const heldWords: Record<NonNullable<NonNullable<SimulationView['guard']>['held']>[number], string> = {
  disable: 'accounts to disable',
  delete: 'accounts to delete',
  membership: 'memberships',
  'group-membership': 'memberships of groups that lose too many',
};

const sumsOf = (totals: SimulatedTotals): string =>
  simulatedActions.map((action) => `${formatNumber(totals[action])} ${action}`).join(', ');

function footOf({ guard, absenceWithheld, failure, state }: SimulationView): string[] {
  const lines: string[] = [];
  if (guard && (guard.proposed > 0 || guard.members)) lines.push(`Removals: ${removalsOf(guard)}`);
  if (absenceWithheld !== null) lines.push(printable(absenceWithheld));
  if (state === 'cancelled') lines.push('It was cancelled; what is shown is not everybody.');
  if (failure) lines.push(`It failed (${failure.side}): ${printable(failure.message)} (${failure.code}); what is shown is not everybody.`);
  return lines.length > 0 ? [lines.join('\n')] : [];
}
