import { describe, expect, test } from '@jest/globals';
import { type SimulatedAction, type SimulatedRow, type SimulationOpened, type SimulationProgress, noTotals } from '@provident/contracts';

import { BadRowCursor, type SimulationStore } from '../simulations/simulation-store.js';

let made = 0;

export const openedSimulation = (more: Partial<SimulationOpened> = {}): SimulationOpened => ({
  simulationId: `20261122t120000-${(made++).toString(16).padStart(6, '0')}`,
  jobId: 'hr-to-wiki',
  rules: 'current',
  comparing: false,
  revision: 1,
  by: { kind: 'user', name: 'local' },
  openedAt: '2026-11-22T12:00:00.000Z',
  ...more,
});

export const simulationProgress = (more: Partial<SimulationProgress> = {}): SimulationProgress => ({
  state: 'running',
  at: '2026-11-22T12:00:00.000Z',
  read: 0,
  total: null,
  totals: noTotals,
  before: null,
  followUps: null,
  followUpsBefore: null,
  differing: null,
  guard: null,
  absenceWithheld: null,
  failure: null,
  ...more,
});

export const simulatedRow = (anchor: string, action: SimulatedAction = 'create', more: Partial<SimulatedRow> = {}): SimulatedRow => ({
  objectKey: `user:${anchor}`,
  objectType: 'user',
  sourceId: anchor,
  displayName: `Jane ${anchor}`,
  part: null,
  action,
  reason: { code: 'not-in-target', text: 'no account in the target has it' },
  targetId: null,
  match: { attribute: 'userName', value: anchor },
  changes: [{ attribute: 'userName', old: null, new: anchor }],
  members: null,
  enable: false,
  linksNow: false,
  before: null,
  valuesLeftOut: false,
  ...more,
});

/** What every store of simulations does. */
export function simulationStoreContract(name: string, fresh: () => Promise<SimulationStore>): void {
  describe(name, () => {
    test('finds a simulation with what was told of it last, and none that was never opened', async () => {
      const store = await fresh();
      const opened = openedSimulation();
      await store.open(opened, simulationProgress());
      await store.tell(opened.simulationId, simulationProgress({ state: 'completed', read: 3 }));
      await store.open(openedSimulation(), simulationProgress());
      expect(await store.find(opened.simulationId)).toEqual({
        opened,
        progress: simulationProgress({ state: 'completed', read: 3 }),
      });
      expect(await store.find('20261122t120000-none')).toBeNull();
      expect(await store.find('*')).toBeNull();
    });

    test('gives every row of one simulation once, however large the pages', async () => {
      const store = await fresh();
      const [one, other] = [openedSimulation(), openedSimulation()];
      for (const opened of [one, other]) await store.open(opened, simulationProgress());
      const rows = Array.from({ length: 250 }, (_, at) => simulatedRow(String(at), at % 3 === 0 ? 'create' : 'skip'));
      await store.addRows(other.simulationId, [simulatedRow('other')]);
      await store.addRows(one.simulationId, rows.slice(0, 130));
      await store.tell(one.simulationId, simulationProgress({ read: 130 }));
      await store.addRows(one.simulationId, rows.slice(130));
      for (const limit of [7, 100, 1_000]) {
        const read = await readAll(store, one.simulationId, limit);
        expect(read.toSorted((a, b) => Number(a.sourceId) - Number(b.sourceId))).toEqual(rows);
        expect(await readAll(store, one.simulationId, limit, 'create')).toEqual(rows.filter(({ action }) => action === 'create'));
      }
      expect((await store.listRows(one.simulationId, { action: 'delete', limit: 10 })).rows).toEqual([]);
    });

    test('finds rows by part of a name, an id or the matching value, page by page', async () => {
      const store = await fresh();
      const opened = openedSimulation();
      await store.open(opened, simulationProgress());
      const rows = Array.from({ length: 250 }, (_, at) => simulatedRow(String(1_000 + at), 'update', { targetId: `T-${at}` }));
      await store.addRows(opened.simulationId, rows);
      const found = async (search: string, limit = 10) =>
        (await readAll(store, opened.simulationId, limit, undefined, search)).map(({ sourceId }) => sourceId);
      expect(await found('jane 124')).toEqual(['1240', '1241', '1242', '1243', '1244', '1245', '1246', '1247', '1248', '1249']);
      expect(await found('JANE 1007')).toEqual(['1007']);
      expect(await found('t-17', 3)).toEqual(['1017', ...Array.from({ length: 10 }, (_, at) => String(1_170 + at))]);
      expect(await found('nobody')).toEqual([]);
    });

    test('refuses a place that it did not give out', async () => {
      const store = await fresh();
      await expect(store.listRows('x', { after: 'abc', limit: 1 })).rejects.toBeInstanceOf(BadRowCursor);
      await expect(store.listRows('x', { after: '0.0', limit: 1 })).rejects.toBeInstanceOf(BadRowCursor);
    });
  });
}

async function readAll(
  store: SimulationStore,
  simulationId: string,
  limit: number,
  action?: SimulatedAction,
  search?: string,
): Promise<SimulatedRow[]> {
  const rows: SimulatedRow[] = [];
  for (let after: string | undefined; ; ) {
    const page = await store.listRows(simulationId, { action, search, after, limit });
    rows.push(...page.rows);
    if (page.next === null) return rows;
    after = page.next;
  }
}
