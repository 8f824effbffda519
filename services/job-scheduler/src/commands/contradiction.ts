import { type Initiator, JobRestarted, JobStateChanged, is, type LogEvent } from '@provident/contracts';

import type { Order } from './job-owners.js';

/** The latest that somebody did to a job as a whole. */
export interface Change {
  readonly sequence: number;
  readonly what: 'started' | 'paused' | 'stopped' | 'restarted' | 'deleted';
  readonly by: Initiator;
}

const states = { active: 'started', paused: 'paused', stopped: 'stopped', removed: 'deleted' } as const;

/** The change that an event tells of; the one before where it tells of none. A restart is a restart, also of a job that it starts on its way. */
export function changeAfter(before: Change | null, event: LogEvent): Change | null {
  if (is(event, JobRestarted)) return { sequence: event.sequence, what: 'restarted', by: event.data.by };
  if (is(event, JobStateChanged)) return { sequence: event.sequence, what: states[event.data.state], by: event.data.by };
  return before;
}

const wants: Readonly<Partial<Record<Order['name'], Change['what']>>> = {
  start: 'started',
  pause: 'paused',
  stop: 'stopped',
  restart: 'restarted',
  remove: 'deleted',
};

/**
 * Whether an order contradicts what somebody else did while it was on its way: then its sender did not know of that, and one of the two wins.
 * @param knownUntil how far the log was read when the order came
 * @returns why it is not carried out; null when it may be
 */
export function contradiction(name: Order['name'], knownUntil: number, latest: Change | null): string | null {
  const wanted = wants[name];
  if (wanted === undefined || !latest || latest.sequence <= knownUntil || latest.what === wanted) return null;
  return `was ${latest.what} by ${latest.by.name} at the same moment: look at it, and say again what you want`;
}
