import type { EventView } from '@provident/contracts';

import { formatInstant } from './format.js';
import { padTo, printable } from './text.js';

/** One event on one line: position, time, where it was said, what. */
export function renderEvent(event: EventView, timeZone?: string): string {
  const subject = event.subject === null ? [] : [printable(event.subject)];
  return [String(event.sequence).padStart(7), formatInstant(event.at, timeZone), padTo(event.jobId, 16), padTo(event.type, 24), ...subject]
    .join('  ')
    .trimEnd();
}
