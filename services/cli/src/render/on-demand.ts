import type { OnDemandResult, OnDemandStep, OnDemandView } from '@provident/contracts';

import { typed } from '../places.js';
import { renderDetails } from './details.js';
import { formatInstant } from './format.js';
import type { LogOptions } from './log.js';
import { printable, showValue } from './text.js';

const colours = {
  success: 'green',
  skipped: 'yellow',
  held: 'yellow',
  warning: 'yellow',
  failure: 'red',
  'not-found': 'red',
  'in-progress': 'cyan',
} as const;

/** The answer to a provisioning on demand: for each person what became of them and why, then every step with its values. */
export function renderOnDemand({ results }: OnDemandView, options: LogOptions): string {
  return results.map((result) => renderResult(result, options)).join('\n\n');
}

function renderResult(result: OnDemandResult, options: LogOptions): string {
  const { paint } = options;
  const { objectType, displayName, source, target, action, status, reason } = result;
  const name = displayName === null ? objectType : `${objectType} ${printable(displayName)}`;
  const done = action === 'none' ? '' : `${paint('bold', action)}  `;
  return [
    `${name}  ${showValue(source.id)} → ${showValue(target.id)}  ${done}${paint(colours[status], status)}`,
    ...(reason === null ? [] : [`  ${printable(reason.text)} (${printable(reason.code)})`]),
    ...result.steps.map((step, at) => renderStep(at + 1, step, options)),
    ...laterOf(result),
  ].join('\n');
}

function renderStep(number: number, { name, status, description, at, details }: OnDemandStep, { timeZone, paint }: LogOptions): string {
  const time = formatInstant(at, timeZone).slice(11);
  const head = `  ${number}. ${time}  ${printable(name)}  ${paint(colours[status], status)}  ${printable(description)}`;
  const values = renderDetails(details, '       ', timeZone);
  return values === '' ? head : `${head}\n${values}`;
}

/** What the answer could not tell yet. */
function laterOf({ status, source }: OnDemandResult): string[] {
  if (status === 'in-progress') return [`  not ended when the answer was due; see ${typed(`log --user ${source.id}`)}`];
  return status === 'held' ? ['  to do it now: the same command with --allow-removal'] : [];
}
