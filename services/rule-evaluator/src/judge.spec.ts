import { expect, test } from '@jest/globals';
import { JobDefinition } from '@provident/domain';
import { objectMapping, person } from '@provident/domain/testing';

import { expressionContextOf } from '@provident/service-kit';
import { judge } from './judge.js';

type Source = Parameters<typeof judge>[0];

const imported = (changeId: string): Source =>
  ({
    sequence: 7,
    at: '2026-11-22T05:06:07.000Z',
    data: {
      jobId: 'sample',
      cycleId: 'c-1',
      changeId,
      objectKey: 'user:1001',
      rules: 1,
      attempt: 0,
      round: 0,
      sourceId: '1001',
      change: 'added',
      attributes: person(),
      targetFollows: false,
    },
  }) as unknown as Source;

const mapping = objectMapping({
  attributes: [
    { target: 'userName', source: 'email', matching: 1 },
    { target: 'since', expression: 'Now()', apply: 'on-create' },
    { target: 'externalId', expression: 'Guid()', apply: 'on-create' },
    { target: 'nickName', expression: 'RandomString(12, 2, 0, 2, 2)', apply: 'on-create' },
  ],
});
const rules = { mapping, removals: JobDefinition.shape.thresholds.parse({}).removals };

const values = ({ data }: ReturnType<typeof judge>) => (data as { changes: { new: string }[] }).changes.map((change) => change.new);

test('the same event judged twice gives the same random values and the time of its import; another change gives others', () => {
  const [email, since, id, nick] = values(judge(imported('ch-1'), null, rules));
  expect([email, since]).toEqual(['jane.doe@example.com', '11/22/2026 5:06:07 AM']);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(nick).toMatch(/^.{12}$/);
  expect(values(judge(imported('ch-1'), null, rules))).toEqual([email, since, id, nick]);
  const [, , otherId, otherNick] = values(judge(imported('ch-2'), null, rules));
  expect(otherId).not.toBe(id);
  expect(otherNick).not.toBe(nick);
});

test('members who leave are weighed by the limits of the job', () => {
  const group = imported('ch-3');
  const members = { add: [], remove: [{ key: 'user:1', id: 'a-1' }] };
  const told = (removed: number) =>
    judge(
      { ...group, data: { ...group.data, part: 'members', targetFollows: true } } as Source,
      { data: { linkedId: 'g-1', basis: 3, members, guard: { removed, of: 52 } } } as never,
      rules,
    ).data;
  expect(told(10)).toMatchObject({
    action: 'update',
    members,
    guard: { removed: 10, of: 52, over: false },
    reason: { code: 'members-leave' },
  });
  expect(told(14)).toMatchObject({
    guard: { removed: 14, of: 52, over: true },
    reason: { text: expect.stringContaining('14 of 52 members leave') },
  });
});

test('chance stays below its bound and reaches all of it', () => {
  const { random } = expressionContextOf('ch-1', '2026-11-22T05:06:07.000Z');
  const drawn = Array.from({ length: 200 }, () => random!(5));
  expect(new Set(drawn)).toEqual(new Set([0, 1, 2, 3, 4]));
});
