import { expect, test } from '@jest/globals';
import { JobRestarted, JobStateChanged, type LogEvent } from '@provident/contracts';

import { type Change, changeAfter, contradiction } from './contradiction.js';
import type { Order } from './job-owners.js';

const kim = { kind: 'user', name: 'kim' } as const;
const after = (sequence: number, what: Change['what']): Change => ({ sequence, what, by: kim });

test.each<[Order['name'], Change['what'], boolean]>([
  ['start', 'deleted', true],
  ['pause', 'restarted', true],
  ['restart', 'paused', true],
  ['remove', 'started', true],
  ['stop', 'started', true],
  ['pause', 'paused', false],
  ['remove', 'deleted', false],
  ['apply', 'paused', false],
  ['run', 'started', false],
])('%s while it was %s: contradicts: %s', (name, what, contradicts) => {
  expect(contradiction(name, 5, after(6, what)) !== null).toBe(contradicts);
  // Whoever asks after it knows of it.
  expect(contradiction(name, 6, after(6, what))).toBeNull();
  expect(contradiction(name, 5, null)).toBeNull();
});

test('the refusal says what was done, and by whom', () => {
  expect(contradiction('start', 1, after(2, 'stopped'))).toContain('was stopped by kim at the same moment');
});

test('a restart is one change, whatever else it says on its way', () => {
  const event = (sequence: number, type: string, data: object): LogEvent => ({ sequence, type, data: { ...data, by: kim } }) as LogEvent;
  const said = [event(7, JobStateChanged.type, { state: 'active' }), event(8, JobRestarted.type, {}), event(9, 'cycle-opened', {})];
  expect(said.reduce<Change | null>(changeAfter, null)).toEqual(after(8, 'restarted'));
});
