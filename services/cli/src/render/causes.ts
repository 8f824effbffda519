import type { CauseView } from '@provident/contracts';

import { typed } from '../places.js';
import { counted, formatInstant } from './format.js';
import { renderFields } from './table.js';
import { printable } from './text.js';

/** One block per cause, the commonest first. */
export function renderCauses(jobId: string, causes: readonly CauseView[], timeZone?: string): string {
  if (causes.length === 0) return 'Nothing that failed is kept.';
  return causes.map((cause) => causeBlock(jobId, cause, timeZone)).join('\n\n');
}

function causeBlock(jobId: string, cause: CauseView, timeZone: string | undefined): string {
  const { causeId, people, givenUp, failures, operation, attribute, text, remedy, firstSeenAt, lastSeenAt, examples } = cause;
  const lost = givenUp > 0 ? `, ${counted(givenUp, 'of them given up', 'of them given up')}` : '';
  const names = examples.map(({ displayName, sourceId, objectKey }) => printable(displayName ?? sourceId ?? objectKey));
  const fields = [
    ['what', `${operation}${attribute === null ? '' : `, attribute ${printable(attribute)}`}`],
    ['remedy', remedy],
    ['seen', `${formatInstant(firstSeenAt, timeZone)} to ${formatInstant(lastSeenAt, timeZone)}, ${counted(failures, 'failed attempt')}`],
    ['such as', names.join(', ')],
    ['retry', typed(`retry ${jobId} --cause ${causeId}`)],
  ] as const;
  return [`${counted(people, 'object')}${lost}: ${printable(text)}  [${causeId}]`, renderFields(fields, '  ')].join('\n');
}
