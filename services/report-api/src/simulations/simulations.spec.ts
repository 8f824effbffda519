import { describe, expect, test } from '@jest/globals';
import { MemorySimulations, openedSimulation, simulatedRow, simulationProgress } from '@provident/bus/testing';

import { NoPeople } from '../testing/test-api.js';
import { csvOf } from './simulation-csv.js';
import { viewOf } from './simulation-view.js';

async function csv(rows: readonly ReturnType<typeof simulatedRow>[], comparing = false): Promise<string[]> {
  const store = new MemorySimulations();
  await store.addRows('s', rows);
  let text = '';
  for await (const part of csvOf(store, new NoPeople(), { simulationId: 's', action: undefined, comparing })) text += part;
  return text.split('\r\n').slice(1, -1);
}

describe('the rows of a simulation as CSV', () => {
  test('are one line for each attribute, and one for somebody with whom nothing happens', async () => {
    const changes = [
      { attribute: 'title', old: 'Clerk', new: 'Chief, acting' },
      { attribute: 'phones', old: null, new: [{ type: 'work', value: '1' }] },
    ];
    const reason = { code: 'x', text: 'because "so"' };
    expect(
      await csv([simulatedRow('1', 'update', { changes, reason, targetId: 't-1' }), simulatedRow('2', 'skip', { changes: [] })]),
    ).toEqual([
      'update,user,1,Jane 1,1,t-1,"because ""so""",title,Clerk,"Chief, acting"',
      'update,user,1,Jane 1,1,t-1,"because ""so""",phones,,"[{""type"":""work"",""value"":""1""}]"',
      'skip,user,2,Jane 2,2,,no account in the target has it,,,',
    ]);
  });

  test.each([
    ['=HYPERLINK("evil")', `"'=HYPERLINK(""evil"")"`],
    ['+49 170', "'+49 170"],
    ['-', "'-"],
    ['@x', "'@x"],
    [-5, '-5'],
    ['two\nlines', '"two\nlines"'],
  ])('never become a formula: %j', async (value, written) => {
    const changes = [{ attribute: 'a', old: null, new: value }];
    expect((await csv([simulatedRow('1', 'update', { changes })]))[0]).toMatch(
      new RegExp(`,a,,${written.replaceAll(/[()+*?^$]/g, '\\$&')}$`),
    );
  });

  test('are told of under both sets of rules when these are compared', async () => {
    const { before: _, ...before } = simulatedRow('1', 'skip', { changes: [] });
    expect((await csv([simulatedRow('1', 'create', { before })], true)).map((each) => each.split(',').slice(0, 2))).toEqual([
      ['current', 'skip'],
      ['file', 'create'],
    ]);
  });

  test('name each member of a group, as the new value who joins and as the old one who leaves', async () => {
    const member = (key: string, displayName: string | null) => ({ key, displayName, targetId: null });
    const members = { add: [member('user:1', 'Jane'), member('group:b', null)], remove: [member('user:2', 'Rita, jr.')] };
    const row = simulatedRow('a', 'update', { objectType: 'group', part: 'members', match: null, changes: [], members });
    expect((await csv([row])).map((each) => each.split(',no account in the target has it,')[1])).toEqual([
      'members,,user:1 (Jane)',
      'members,,group:b',
      'members,"user:2 (Rita, jr.)",',
    ]);
  });

  test('come whole, however many', async () => {
    expect(await csv(Array.from({ length: 1_234 }, (_, at) => simulatedRow(String(at))))).toHaveLength(1_234);
  });
});

test('a running simulation that nobody tells of any more has lost its importer', () => {
  const at = '2026-11-22T12:00:00.000Z';
  const stored = (state: 'running' | 'completed') => ({ opened: openedSimulation(), progress: simulationProgress({ state, at }) });
  const seconds = (count: number): number => Date.parse(at) + count * 1_000;
  expect(viewOf(stored('running'), seconds(29)).state).toBe('running');
  expect(viewOf(stored('running'), seconds(31))).toMatchObject({ state: 'failed', failure: { side: 'service', code: 'importer-lost' } });
  expect(viewOf(stored('completed'), seconds(1_000))).toMatchObject({ state: 'completed', failure: null });
});
