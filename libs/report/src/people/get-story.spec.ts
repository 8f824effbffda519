import { expect, test } from '@jest/globals';

import type { StepRecord } from '../log/entry-record.js';
import { personInJob } from './get-story.query.js';

const job = { jobId: 'sample', source: 'CSV file', target: 'Sample app' };
const told = (events: readonly (readonly [type: string, data: object])[]) =>
  personInJob(
    events.map(([type, data], at): StepRecord => {
      const sequence = at + 1;
      const of = { job_id: 'sample', cycle_id: 'c-1', change_id: `change-${sequence}`, object_key: 'group:G-3' };
      const step = { activity: 'import', status: 'success', source_id: 'G-3', target_id: null } as const;
      return {
        ...of,
        ...step,
        sequence,
        type,
        at: '2026-03-01T10:00:00.000Z',
        data: { sourceId: 'G-3', ...data },
      } as unknown as StepRecord;
    }),
    0,
    job as never,
  )!;

const values = { displayName: 'Town hall', externalId: 'G-3' };
const made = [
  ['source-object-imported', { change: 'added', attributes: { name: 'Town hall', groupId: 'G-3' } }],
  ['target-object-imported', { tried: [], matches: [], linkedId: null }],
  [
    'rule-evaluated',
    {
      action: 'create',
      match: null,
      targetId: null,
      reason: { code: 'no-match', text: 'no account', facts: {} },
      scope: { inScope: true, clauses: [] },
      changes: Object.entries(values).map(([attribute, value]) => ({ attribute, old: null, new: value })),
    },
  ],
  [
    'object-exported',
    {
      action: 'create',
      targetId: 't-1',
      changes: Object.entries(values).map(([attribute, value]) => ({ attribute, old: null, new: value })),
    },
  ],
] as const;
const membersOf = (part: object) =>
  [
    ['source-object-imported', { change: 'again', attributes: {}, ...part }],
    [
      'target-object-imported',
      { by: 'link', tried: [], matches: [{ id: 't-1', attributes: {}, state: 'unknown' }], linkedId: 't-1', ...part },
    ],
    [
      'rule-evaluated',
      {
        action: 'update',
        match: null,
        targetId: 't-1',
        reason: { code: 'members-differ', text: 'members differ', facts: {} },
        scope: { inScope: true, clauses: [] },
        changes: [],
        ...part,
      },
    ],
    ['object-exported', { action: 'update', targetId: 't-1', changes: [], ...part }],
  ] as const;

test('a change of members alone leaves what is known of the other values of a group', () => {
  const { sourceSide, account, expected } = told([...made, ...membersOf({ part: 'members' })]);
  expect(sourceSide.attributes).toEqual({ name: 'Town hall', groupId: 'G-3' });
  expect(account).toEqual({ id: 't-1', isLinked: true, attributes: values });
  expect(expected).toEqual(values);
});

test('what was read as a whole and held nothing is nothing', () => {
  const { sourceSide, account } = told([...made, ...membersOf({})]);
  expect([sourceSide.attributes, account.attributes]).toEqual([{}, {}]);
});

const drifted = (part: object) =>
  ['drift-found', { account: 'differs', attributes: [], targetId: 't-1', mode: 'report', ...part }] as const;
const members = { missing: 1, added: 0, examples: { missing: ['user:1'], added: [] } };

test('members that differ say nothing of the values of the group, until it is written or read again', () => {
  expect(told([...made, drifted({ members })])).toMatchObject({ drift: null, driftOfMembers: members });
  const title = [{ attribute: 'displayName', expected: 'Town hall', found: 'Town' }];
  expect(told([...made, drifted({ attributes: title }), drifted({ members })])).toMatchObject({
    drift: 'differs',
    driftOfMembers: members,
  });
  expect(told([...made, drifted({ members }), ...membersOf({ part: 'members' })])).not.toHaveProperty('driftOfMembers');
});
