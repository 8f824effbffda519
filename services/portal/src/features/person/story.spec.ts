import { describe, expect, test } from '@jest/globals';
import type { LogEntryView } from '@provident/contracts/http';

import { somebodies } from './somebodies.js';
import { accountsOf } from './story.js';

const entry = (given: Partial<LogEntryView>): LogEntryView => ({
  changeId: 'c',
  jobId: 'wiki',
  cycleId: 'y',
  at: '2026-03-02T09:00:00.000Z',
  objectType: 'user',
  sourceId: '7',
  targetId: 'w-7',
  displayName: 'Ada',
  matchingValue: null,
  action: 'other',
  status: 'success',
  reason: null,
  statusText: '',
  attempts: 1,
  modified: [],
  steps: [],
  ...given,
});
const set = (attribute: string, value: unknown) => ({ attribute, old: null, new: value });
const created = entry({ action: 'create', modified: [set('title', 'Engineer'), set('mail', 'a@x')] });
const updated = entry({ action: 'update', modified: [set('title', 'Lead')] });

describe('an account', () => {
  test('has the values of all its changes, the newest last', () => {
    const [account] = accountsOf([updated, created]);
    expect(account).toMatchObject({ state: 'active', targetId: 'w-7', displayName: 'Ada' });
    expect([...account!.values]).toEqual([
      ['mail', 'a@x'],
      ['title', 'Lead'],
    ]);
  });

  test('of a group has the members that joined and have not left since', () => {
    const members = (left: string[] | null, joined: string[] | null) =>
      entry({ objectType: 'group', action: 'update', modified: [{ attribute: 'members', old: left, new: joined }] });
    const [account] = accountsOf([members(['user:2'], ['user:4']), members(null, ['user:1', 'user:2', 'user:3']), created]);
    expect(account!.values.get('members')).toEqual(['user:1', 'user:3', 'user:4']);
  });

  test('that failed to be updated keeps what was written', () => {
    const failed = entry({ status: 'failure', action: 'update', modified: [set('title', 'Boss')] });
    const [account] = accountsOf([failed, created]);
    expect([account?.state, account?.values.get('title')]).toEqual(['failed', 'Engineer']);
  });

  test('that was deleted has neither an id nor values, and may be created anew', () => {
    const deleted = entry({ action: 'delete' });
    expect(accountsOf([deleted, created])[0]).toMatchObject({ state: 'deleted', targetId: null, values: new Map() });
    expect([...accountsOf([entry({ action: 'create', modified: [set('mail', 'b@x')] }), deleted, created])[0]!.values]).toEqual([
      ['mail', 'b@x'],
    ]);
  });

  test.each([
    [[entry({ action: 'disable' }), created], 'disabled'],
    [[entry({ status: 'skipped', reason: 'redundant-export' })], 'active'],
    [[entry({ status: 'skipped', reason: 'out-of-scope', targetId: null })], 'none'],
    [[entry({ status: 'warning', action: 'staged-delete' }), created], 'held'],
    [[entry({ status: 'in-progress', action: 'update' }), created], 'active'],
  ])('%#: is %s', (entries, state) => expect(accountsOf(entries)[0]?.state).toBe(state));

  test('is one for each job', () => {
    expect(accountsOf([created, entry({ jobId: 'chat' })]).map(({ jobId }) => jobId)).toEqual(['wiki', 'chat']);
  });
});

test('a person whom several jobs know is one to choose, and nobody without an identifier is', () => {
  const found = { jobId: 'wiki', objectType: 'user', sourceId: '7', targetId: 'w-7', displayName: 'Ada', matchingValue: 'a@x' };
  const unknown = { ...found, sourceId: null, targetId: null, matchingValue: null };
  expect(somebodies([found, { ...found, jobId: 'chat', targetId: 'c-9' }, unknown])).toEqual([
    { id: '7', name: 'Ada', matchingValue: 'a@x' },
  ]);
});
