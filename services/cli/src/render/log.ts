import type { LogEntryView, LogPageView, LogStep } from '@provident/contracts';

import type { Paint } from '../screen.js';
import { renderDetails } from './details.js';
import { counted, formatInstant, localTimes } from './format.js';
import { printable, showValue } from './text.js';

export interface LogOptions {
  readonly timeZone?: string | undefined;
  readonly paint: (style: Paint, text: string) => string;
}

const colours = { success: 'green', failure: 'red', skipped: 'yellow', warning: 'yellow', 'in-progress': 'cyan' } as const;

/** A page of the provisioning log, one block per entry. */
export function renderLog(page: LogPageView, options: LogOptions): string {
  const blocks = page.entries.map((entry) => renderEntry(entry, options));
  if (page.next !== null) blocks.push('There is more: raise --limit or narrow the time with --since and --until.');
  return blocks.join('\n\n');
}

/** One object's way through one cycle: who, what became of it and why, then its steps with the values. */
export function renderEntry(entry: LogEntryView, options: LogOptions): string {
  const { timeZone, paint } = options;
  const head = `${formatInstant(entry.at, timeZone)}  ${entry.jobId}  ${paint('bold', entry.action)}  ${paint(colours[entry.status], entry.status)}`;
  const reason = entry.reason === null ? '' : ` (${entry.reason})`;
  const tries = entry.attempts > 1 ? `  ${counted(entry.attempts, 'attempt')}` : '';
  return [
    head,
    `  ${personOf(entry)}`,
    `  ${localTimes(printable(entry.statusText), timeZone)}${entry.statusText.includes(reason.trim()) ? '' : reason}${tries}`,
    ...entry.steps.map((step) => renderStep(step, options)),
    ...modifiedOf(entry),
  ].join('\n');
}

function personOf({ displayName, objectType, sourceId, targetId, matchingValue, changeId }: LogEntryView): string {
  const name = !displayName ? objectType : `${objectType} ${printable(displayName)}`;
  const match = matchingValue === null ? '' : `, ${printable(matchingValue)}`;
  return `${name}${match}  ${showValue(sourceId)} → ${showValue(targetId)}  [${printable(changeId)}]`;
}

/** Names of the audit log's activities, the import told apart by the system it was from. */
export function activityName({ activity, system }: LogStep): string {
  if (activity === 'import') return `import (${system})`;
  return activity.replace('-', ' ');
}

function renderStep(step: LogStep, { timeZone, paint }: LogOptions): string {
  const time = formatInstant(step.at, timeZone).slice(11);
  const head = `    ${time}  ${activityName(step)}  ${paint(colours[step.status], step.status)}  ${localTimes(printable(step.text), timeZone)}`;
  const details = renderDetails(step.details, '        ', timeZone);
  return details === '' ? head : `${head}\n${details}`;
}

/** What changed in all, where the steps do not tell it. */
function modifiedOf({ modified, steps }: LogEntryView): string[] {
  const told = steps.some((step) => Array.isArray(step.details['changes']) && step.details['changes'].length > 0);
  return told ? [] : [renderDetails({ changes: modified }, '        ')].filter((text) => text !== '');
}
