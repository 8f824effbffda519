import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryLog, retryDue, saidIn, tell } from '@provident/bus/testing';
import { MemoryTarget } from '@provident/connectors/testing';
import {
  ExportDeferred,
  ExportFailed,
  ObjectExported,
  RemovalHeld,
  RemovalRejected,
  RemovalWithdrawn,
  briefOf,
} from '@provident/contracts';
import { asChangeId, objectKeyOf } from '@provident/domain';
import { type TestDatabase, testDatabase } from '@provident/embedded/testing';
import { openDatabase } from '@provident/service-kit';
import { eventually } from '@provident/testing';
import type { DataSource } from 'typeorm';

import { exporterEntities, exporterMigrations } from './state/schema.js';
import type { Targets } from './targets.js';
import { decision, openedTarget, rejected, released, ruled } from './testing/decisions.js';
import { runLanes } from './testing/run-lanes.js';

let server: TestDatabase;
let database: DataSource;
let log: MemoryLog;
let target: MemoryTarget;
let stops: (() => Promise<void>)[];

beforeAll(async () => {
  server = await testDatabase();
  database = await openDatabase({ url: server.url, schema: 'exporter', entities: exporterEntities, migrations: exporterMigrations });
}, 60_000);
afterAll(async () => {
  await database?.destroy();
  await server?.drop();
});
beforeEach(async () => {
  await database.query('TRUNCATE held_removal, held_members, last_export, fold_position');
  log = new MemoryLog();
  target = new MemoryTarget();
  stops = [];
});
afterEach(async () => {
  await Promise.allSettled(stops.map((stop) => stop()));
});

function start(opened = target) {
  const open = openedTarget(opened);
  const targets = { open: async () => open, reopen: () => open.gate.reopen() } as unknown as Targets;
  const running = runLanes(log, { log, database, targets, registry: { untilStarted: () => undefined } });
  stops.push(running.stop);
  return running;
}
/** What was said, in short: type without its stage, and whom it is about. */
const said = (): string[] =>
  saidIn(log, { stage: 'exporter' }).map(({ type, data }) => {
    const { objectKey, reason, action } = data as { objectKey: string; reason?: { code: string }; action?: string };
    return [type, action, objectKey.slice('user:'.length), type === ExportDeferred.type ? reason?.code : undefined]
      .filter(Boolean)
      .join(' ');
  });
const saysAfter = (count: number) => eventually(() => (said().length >= count ? said() : null));
const heldRows = () =>
  database
    .query<{ object_key: string }[]>('SELECT object_key FROM held_removal ORDER BY 1')
    .then((rows) => rows.map((row) => row.object_key));
const people = (...anchors: string[]) => anchors.forEach((anchor) => target.put(`t-${anchor}`, { userName: `p${anchor}` }));
const activity = () => Object.fromEntries([...target.accounts].map(([id, { active }]) => [id, active]));
const running = async (until: () => Promise<unknown>) => {
  const run = start();
  await until();
  await run.stop();
};

describe('a write', () => {
  test('is carried out and told, with the values and the id', async () => {
    people('2');
    await tell(
      log,
      ruled(decision('create', '1')),
      ruled(decision('update', '2')),
      ruled(decision('skip', '3')),
      ruled(decision('unchanged', '4')),
    );
    start();
    expect(await saysAfter(2)).toEqual([`${ObjectExported.type} create 1`, `${ObjectExported.type} update 2`]);
    expect(saidIn(log, { stage: 'exporter' })[0]).toMatchObject({
      cause: 1,
      data: {
        targetId: 't-1',
        sourceId: '1',
        changes: [{ attribute: 'userName', new: 'p1' }],
        enabled: false,
        durationMs: expect.any(Number) as unknown,
      },
    });
  });

  test('that the target refuses is told with its own words', async () => {
    target.failNext('create', 'rejected', { message: 'the phone is no number' });
    await tell(log, ruled(decision('create', '1')));
    start();
    expect(await saysAfter(1)).toEqual([`${ExportFailed.type} create 1`]);
    expect(saidIn(log, { stage: 'exporter' })[0]?.data).toMatchObject({
      failure: { kind: 'rejected', message: 'the phone is no number' },
      targetId: null,
    });
  });

  test('whose basis is older than the last export is sent back, also when that export was before a restart', async () => {
    people('1', '2');
    await tell(log, ruled(decision('update', '1')), ruled(decision('update', '2')));
    await running(() => saysAfter(2));
    await tell(
      log,
      ruled(decision('update', '1', { basis: 2, facts: { cycleId: 'c-2' } })),
      ruled(decision('update', '2', { basis: 4, facts: { cycleId: 'c-2' } })),
    );
    start();
    expect((await saysAfter(4)).slice(2)).toEqual([`${ExportDeferred.type} update 1 newer-export`, `${ObjectExported.type} update 2`]);
  });

  test('whose basis is older than a write of a moment ago is sent back', async () => {
    people('1');
    await tell(log, ruled(decision('update', '1')));
    start();
    await saysAfter(1);
    await tell(log, ruled(decision('update', '1', { basis: 1, facts: { cycleId: 'c-2' } })));
    expect((await saysAfter(2))[1]).toBe(`${ExportDeferred.type} update 1 newer-export`);
    expect(target.calls).toEqual(['update t-1']);
  });

  test('of some members outdates nothing that was decided about the group, and is outdated by nothing', async () => {
    people('1');
    const members = (id: string) => ({ add: [{ key: objectKeyOf('user', id), id }], remove: [] });
    const ofMembers = (id: string, round: string) =>
      ruled(decision('update', '1', { changes: [], members: members(id), part: 'members', facts: { cycleId: round } }));
    await tell(log, ruled(decision('update', '1')), ofMembers('a', 'c-2'), ofMembers('b', 'c-3'));
    await running(() => saysAfter(3));
    await tell(log, ruled(decision('update', '1', { basis: 4, facts: { cycleId: 'c-4' } })));
    start();
    expect(await saysAfter(4)).toEqual(Array.from({ length: 4 }, () => `${ObjectExported.type} update 1`));
    expect([...target.accounts.get('t-1')!.members]).toEqual(['a', 'b']);
    expect(saidIn(log, { stage: 'exporter' })[1]?.data).toMatchObject({ members: members('a'), part: 'members' });
  });

  test('that an earlier instance did without being able to say so is not done again', async () => {
    await tell(log, ruled(decision('create', '1')));
    log.fault = async (events, store) => (events[0]!.stage === 'exporter' ? Promise.reject(new Error('died')) : store());
    await expect(start().ended).rejects.toThrow('died');
    log.fault = null;
    start();
    expect(await saysAfter(1)).toEqual([`${ExportDeferred.type} create 1 found-before-create`]);
    expect(target.accounts.size).toBe(1);
  });

  test('that an earlier instance did behind many decisions that need no word is not done again either', async () => {
    target = new MemoryTarget({ unique: [] });
    const quiet = Array.from({ length: 300 }, (_, at) => ruled(decision('unchanged', `q${at}`)));
    await tell(log, ...quiet, ruled(decision('create', '1')));
    log.fault = async (events, store) => (events[0]!.stage === 'exporter' ? Promise.reject(new Error('died')) : store());
    await expect(start().ended).rejects.toThrow('died');
    await database.query('UPDATE fold_position SET passed = 0');
    log.fault = null;
    start();
    expect(await saysAfter(1)).toHaveLength(1);
    expect(target.calls.filter((call) => call.startsWith('create'))).toHaveLength(1);
  });

  test('is known to the next decision about the same person, however close that follows', async () => {
    target = new MemoryTarget({ unique: [] });
    people('2');
    const again = { facts: { cycleId: 'c-2' } };
    await tell(
      log,
      ruled(decision('create', '1')),
      ruled(decision('update', '2')),
      ruled(decision('create', '1', again)),
      ruled(decision('update', '2', again)),
    );
    start();
    expect((await saysAfter(4)).slice(2)).toEqual([
      `${ExportDeferred.type} create 1 newer-export`,
      `${ExportDeferred.type} update 2 newer-export`,
    ]);
    expect(target.calls.filter((call) => !call.startsWith('find')).sort()).toEqual(['create p1', 'update t-2']);
  });

  test('that fails lets the next decision about the same person have its turn', async () => {
    people('1');
    target.failNext('update', 'rejected');
    await tell(log, ruled(decision('update', '1')), ruled(decision('update', '1', { facts: { cycleId: 'c-2' } })));
    start();
    expect(await saysAfter(2)).toEqual([`${ExportFailed.type} update 1`, `${ObjectExported.type} update 1`]);
  });

  test('that may have made an account is known to the next decision about the same person, also after a restart', async () => {
    target.failNext('create', 'unavailable');
    target.failNext('create', 'rejected');
    await tell(log, ruled(decision('create', '1')));
    await running(() => saysAfter(1));
    expect(said()).toEqual([`${ExportFailed.type} create 1`]);
    await tell(
      log,
      ruled(decision('create', '1', { basis: 1, facts: { cycleId: 'c-2' } })),
      ruled(decision('create', '1', { basis: 2, facts: { cycleId: 'c-3' } })),
    );
    start();
    expect((await saysAfter(3)).slice(1)).toEqual([`${ExportDeferred.type} create 1 newer-export`, `${ObjectExported.type} create 1`]);
  });

  test('that is given up because the instance stops is neither done nor failed', async () => {
    target.faults.push({ on: 'create', fault: (_, carryOut) => new Promise((resolve) => setTimeout(() => resolve(carryOut()), 300)) });
    await tell(log, ruled(decision('create', '1')));
    const run = start();
    await eventually(() => target.calls.includes('create p1'));
    await run.stop();
    expect(said()).toEqual([`${ObjectExported.type} create 1`]);
  });
});

describe('a removal', () => {
  beforeEach(() => people('1', '2', '3'));

  test('waits, and is done when its cycle is released', async () => {
    await tell(
      log,
      ruled(decision('disable', '1')),
      ruled(decision('delete', '2')),
      ruled(decision('disable', '3', { facts: { cycleId: 'c-0' } })),
    );
    start();
    expect(await saysAfter(3)).toEqual([`${RemovalHeld.type} disable 1`, `${RemovalHeld.type} delete 2`, `${RemovalHeld.type} disable 3`]);
    expect(target.calls).toEqual([]);
    await tell(log, released('c-1', 2));
    expect((await saysAfter(5)).slice(3)).toEqual([`${ObjectExported.type} disable 1`, `${ObjectExported.type} delete 2`]);
    expect(activity()).toEqual({ 't-1': false, 't-3': true });
    await eventually(async () => (await heldRows()).join() === 'user:3');
  });

  test('waits over a restart', async () => {
    await tell(log, ruled(decision('disable', '1')));
    await running(() => saysAfter(1));
    await tell(log, released());
    start();
    expect((await saysAfter(2))[1]).toBe(`${ObjectExported.type} disable 1`);
  });

  test('waits also for an instance whose tables were lost: they are folded from the log', async () => {
    await tell(
      log,
      ruled(decision('disable', '1')),
      ruled(decision('disable', '2')),
      ruled(decision('update', '2', { facts: { cycleId: 'c-2' } })),
    );
    await running(() => saysAfter(4));
    await database.query('TRUNCATE held_removal, last_export, fold_position');
    await tell(log, released());
    start();
    expect((await saysAfter(5)).slice(4)).toEqual([`${ObjectExported.type} disable 1`]);
    await eventually(async () => (await heldRows()).length === 0);
  });

  test('that was done is not held any more in tables that are folded from the log', async () => {
    await tell(log, ruled(decision('disable', '1')));
    await running(async () => {
      await saysAfter(1);
      await tell(log, released());
      await saysAfter(2);
    });
    await database.query('TRUNCATE held_removal, last_export, fold_position');
    await running(async () => eventually(async () => (await database.query('SELECT FROM last_export')).length === 1));
    expect(await heldRows()).toEqual([]);
  });

  test('is off when a newer decision wants something else', async () => {
    await tell(log, ruled(decision('disable', '1')), ruled(decision('disable', '2')), ruled(decision('disable', '3')));
    start();
    await saysAfter(3);
    const next = { facts: { cycleId: 'c-2' } };
    await tell(log, ruled(decision('update', '1', next)), ruled(decision('unchanged', '2', next)), ruled(decision('fail', '3', next)));
    expect((await saysAfter(6)).slice(3)).toEqual([
      `${RemovalWithdrawn.type} 1`,
      `${ObjectExported.type} update 1`,
      `${RemovalWithdrawn.type} 2`,
    ]);
    const [withdrawn] = saidIn(log, { stage: 'exporter' }).filter(({ type }) => type === RemovalWithdrawn.type);
    expect(withdrawn!.data).toMatchObject({ changeId: 'c-2.1', heldCycleId: 'c-1', heldChangeId: 'c-1.1' });
    await tell(log, released());
    expect((await saysAfter(7)).slice(6)).toEqual([`${ObjectExported.type} disable 3`]);
    expect(activity()).toEqual({ 't-1': true, 't-2': true, 't-3': false });
  });

  test('is not off because some members of the group were written', async () => {
    await tell(log, ruled(decision('delete', '1')));
    start();
    await saysAfter(1);
    const members = { add: [{ key: objectKeyOf('user', 'a'), id: 'a' }], remove: [] };
    await tell(log, ruled(decision('update', '1', { changes: [], members, part: 'members', facts: { cycleId: 'c-2' } })));
    await saysAfter(2);
    await tell(log, released());
    expect((await saysAfter(3)).slice(1)).toEqual([`${ObjectExported.type} update 1`, `${ObjectExported.type} delete 1`]);
  });

  test('of some kinds or some objects is released alone', async () => {
    await tell(log, ruled(decision('disable', '1')), ruled(decision('delete', '2')), ruled(decision('disable', '3')));
    start();
    await saysAfter(3);
    await tell(log, released('c-1', 1, { kinds: ['delete'] }));
    expect((await saysAfter(4)).slice(3)).toEqual([`${ObjectExported.type} delete 2`]);
    await tell(log, released('c-1', 1, { objectKeys: [objectKeyOf('user', '3')] }));
    expect((await saysAfter(5)).slice(4)).toEqual([`${ObjectExported.type} disable 3`]);
    await eventually(async () => (await heldRows()).join() === 'user:1');
  });

  test('that a person rejects is not done, and says who did not want it; no release brings it back', async () => {
    await tell(log, ruled(decision('disable', '1')), ruled(decision('delete', '2')), ruled(decision('disable', '3')));
    await running(() => saysAfter(3));
    await tell(log, rejected('c-1', { objectKeys: [objectKeyOf('user', '1'), objectKeyOf('user', '2')] }));
    start();
    expect((await saysAfter(5)).slice(3)).toEqual([`${RemovalRejected.type} disable 1`, `${RemovalRejected.type} delete 2`]);
    expect(saidIn(log, { stage: 'exporter' })[3]!.data).toMatchObject({
      changeId: 'c-1.1',
      by: { name: 'kim' },
      reason: { code: 'removal-rejected', text: 'rejected by kim: it is to be disable' },
    });
    await tell(log, released());
    expect((await saysAfter(6)).slice(5)).toEqual([`${ObjectExported.type} disable 3`]);
    await eventually(async () => (await heldRows()).length === 0);
  });

  test('that is on its way when a person rejects the others is done, and not rejected as well', async () => {
    let carryOn = (): void => undefined;
    const isHeldUp = new Promise<void>((resolve) => {
      carryOn = resolve;
    });
    target.faults.push({ on: 'remove', fault: (_, carryOut) => isHeldUp.then(() => carryOut()) });
    await tell(log, ruled(decision('disable', '1')), ruled(decision('delete', '2')));
    start();
    await saysAfter(2);
    await tell(log, released('c-1', 1, { kinds: ['delete'] }));
    await eventually(() => target.calls.includes('remove t-2'));
    await tell(log, rejected());
    carryOn();
    expect((await saysAfter(4)).slice(2).sort()).toEqual([`${ObjectExported.type} delete 2`, `${RemovalRejected.type} disable 1`]);
    await eventually(async () => (await heldRows()).length === 0);
    expect(said()).toHaveLength(4);
  });

  test('that a person rejects before its decision was read is held and rejected in one', async () => {
    await tell(log, ruled(decision('update', '1')), ruled(decision('disable', '1')), rejected());
    start();
    expect(await saysAfter(3)).toEqual([
      `${ObjectExported.type} update 1`,
      `${RemovalHeld.type} disable 1`,
      `${RemovalRejected.type} disable 1`,
    ]);
  });

  describe('of members from a group', () => {
    const guard = { removed: 2, of: 9, over: false };
    const leaving = (lot: string, keys: string[], more: Partial<Parameters<typeof decision>[2]> = {}) =>
      ruled({
        ...decision('update', '1', {
          changes: [],
          part: 'members',
          guard,
          members: { add: [], remove: keys.map((key) => ({ key: objectKeyOf('user', key), id: `t-${key}` })) },
          ...more,
        }),
        changeId: asChangeId(`c-1.${lot}`),
      });
    const memberRows = () => database.query<unknown[]>('SELECT FROM held_members').then(({ length }) => length);
    beforeEach(() => {
      target.put('t-1', { displayName: 'Team' });
      for (const key of ['a', 'b', 'c', 'd']) target.accounts.get('t-1')!.members.add(`t-${key}`);
    });
    const left = () => [...target.accounts.get('t-1')!.members].map((id) => id.slice(2)).join('');

    test('waits like that of an account, and is done when it is released; what else changes about the group goes on', async () => {
      await tell(log, leaving('x', ['a']), leaving('y', ['b']), ruled(decision('update', '1')));
      await running(() => saysAfter(3));
      expect([left(), await memberRows()]).toEqual(['abcd', 2]);
      expect(said()).toEqual([`${RemovalHeld.type} update 1`, `${RemovalHeld.type} update 1`, `${ObjectExported.type} update 1`]);
      await tell(log, released('c-1', 2, { kinds: ['membership'] }));
      start();
      expect((await saysAfter(5)).slice(3)).toEqual([`${ObjectExported.type} update 1`, `${ObjectExported.type} update 1`]);
      expect(left()).toBe('cd');
      await eventually(async () => (await memberRows()) === 0);
    });

    test('that is released while changes of the group wait for one another is done behind these, and before those that come later', async () => {
      people('2');
      await tell(log, leaving('x', ['a']));
      start();
      await saysAfter(1);
      let letGo = (): void => undefined;
      const stuck = new Promise<void>((resolve) => (letGo = resolve));
      target.faults.push({ on: 'update', fault: (_, carryOut) => stuck.then(carryOut) });
      const titled = (title: string, cycleId: string) =>
        ruled(decision('update', '1', { changes: [{ attribute: 'title', old: null, new: title }], basis: 100, facts: { cycleId } }));
      await tell(log, titled('first', 'c-2'));
      await eventually(() => target.calls.includes('update t-1'));
      await tell(log, titled('second', 'c-3'), released('c-1', 1, { kinds: ['membership'] }), titled('third', 'c-4'));
      await tell(log, ruled(decision('update', '2')));
      await eventually(() => target.calls.includes('update t-2')); // all of them are heard
      letGo();
      expect(await saysAfter(6)).toEqual([
        `${RemovalHeld.type} update 1`,
        ...Array.from({ length: 4 }, () => `${ObjectExported.type} update 1`),
        `${ObjectExported.type} update 2`,
      ]);
      const calls = target.calls.filter((call) => /^(update|changeMembers) t-1\b/.test(call));
      expect(calls.map((call) => call.split(' ')[0])).toEqual(['update', 'update', 'changeMembers', 'update']);
      expect(left()).toBe('bcd');
    });

    test('that are more than the group may lose is released apart from the others', async () => {
      await tell(log, leaving('x', ['a']), leaving('y', ['b', 'c'], { guard: { ...guard, over: true } }));
      start();
      await saysAfter(2);
      await tell(log, released('c-1', 1, { kinds: ['membership', 'disable'] }));
      await saysAfter(3);
      expect(left()).toBe('bcd');
    });

    test('that has waited for a person goes back to the importer, since members may have come back', async () => {
      await tell(log, leaving('x', ['a']));
      start();
      await saysAfter(1);
      await tell(log, released('c-1', 1, { waited: true, by: { kind: 'user', name: 'kim' } }));
      expect((await saysAfter(2)).slice(1)).toEqual([`${RemovalWithdrawn.type} 1`]);
      const [, withdrawn] = saidIn(log, { stage: 'exporter' });
      expect(withdrawn!.data).toMatchObject({
        changeId: 'c-1.x',
        heldChangeId: 'c-1.x',
        part: 'members',
        reason: { code: 'removal-released' },
      });
      expect(left()).toBe('abcd');
    });

    test('that a person rejects is not done', async () => {
      await tell(log, leaving('x', ['a']), rejected());
      start();
      expect(await saysAfter(2)).toEqual([`${RemovalHeld.type} update 1`, `${RemovalRejected.type} update 1`]);
      expect(saidIn(log, { stage: 'exporter' })[1]!.data).toMatchObject({ part: 'members', guard, members: { remove: [{ id: 't-a' }] } });
      expect(left()).toBe('abcd');
      await eventually(async () => (await memberRows()) === 0);
    });

    test('leaves the removal of the group itself as it is', async () => {
      await tell(log, ruled(decision('delete', '1')), leaving('x', ['a']));
      start();
      await saysAfter(2);
      await tell(log, rejected('c-1', { kinds: ['membership'] }));
      await saysAfter(3);
      expect(await heldRows()).toEqual(['user:1']);
    });
  });

  test('that a newer cycle proposes again is released with the newer one', async () => {
    await tell(log, ruled(decision('disable', '1')));
    start();
    await saysAfter(1);
    await tell(log, ruled(decision('disable', '1', { facts: { cycleId: 'c-2' } })), released('c-1'));
    await saysAfter(2);
    await tell(log, released('c-2'));
    expect((await saysAfter(3)).slice(1)).toEqual([`${RemovalHeld.type} disable 1`, `${ObjectExported.type} disable 1`]);
    expect(target.calls).toEqual(['setActive t-1 false']);
  });

  test('that was released is done once, when the release is told twice', async () => {
    await tell(log, ruled(decision('disable', '1')), released(), released());
    start();
    await saysAfter(2);
    await tell(log, ruled(decision('update', '2')));
    expect((await saysAfter(3)).slice(1)).toEqual([`${ObjectExported.type} disable 1`, `${ObjectExported.type} update 2`]);
  });

  test('of many that were released is done once by whoever goes on after a crash among them', async () => {
    const anchors = Array.from({ length: 520 }, (_, at) => `m${String(at).padStart(3, '0')}`);
    people(...anchors);
    await tell(log, ...anchors.map((anchor) => ruled(decision('delete', anchor))));
    await running(() => saysAfter(520));
    await tell(log, released('c-1', 520));
    let appends = 0;
    log.fault = async (events, store) => (events[0]!.stage === 'exporter' && ++appends > 1 ? Promise.reject(new Error('died')) : store());
    await expect(start().ended).rejects.toThrow('died');
    log.fault = null;
    start();
    await saysAfter(1_040);
    await tell(log, ruled(decision('update', '1')));
    await saysAfter(1_041);
    const exported = said().filter((each) => each.startsWith(`${ObjectExported.type} delete`));
    expect([exported.length, new Set(exported).size, await heldRows()]).toEqual([520, 520, []]);
  }, 30_000);

  test('that was released, and whose account was written since, is sent back and done in the next round without waiting', async () => {
    await tell(log, ruled(decision('update', '1')));
    start();
    await saysAfter(1);
    await tell(log, ruled(decision('disable', '1', { basis: 1, facts: { cycleId: 'c-2' } })), released('c-2'));
    expect((await saysAfter(3)).slice(1)).toEqual([`${RemovalHeld.type} disable 1`, `${ExportDeferred.type} disable 1 newer-export`]);
    await tell(log, ruled(decision('disable', '1', { basis: 100, facts: { cycleId: 'c-2', round: 1 } })));
    expect((await eventually(() => (said().includes(`${ObjectExported.type} disable 1`) ? said() : null))).at(-1)).toBe(
      `${ObjectExported.type} disable 1`,
    );
  });

  test('that was released and sent back is done in the next round also when another instance goes on', async () => {
    await tell(log, ruled(decision('update', '1')));
    await running(async () => {
      await saysAfter(1);
      await tell(log, ruled(decision('disable', '1', { basis: 1, facts: { cycleId: 'c-2' } })), released('c-2'));
      await saysAfter(3);
    });
    await tell(log, ruled(decision('disable', '1', { basis: 100, facts: { cycleId: 'c-2', round: 1 } })));
    start();
    await eventually(() => said().includes(`${ObjectExported.type} disable 1`));
    expect(activity()['t-1']).toBe(false);
  });

  test('that was released and sent back is not taken up by a release that is read again, and not off when nothing is left to do', async () => {
    await tell(log, ruled(decision('update', '1')));
    await running(async () => {
      await saysAfter(1);
      await tell(log, ruled(decision('disable', '1', { basis: 1, facts: { cycleId: 'c-2' } })), released('c-2'));
      await saysAfter(3);
    });
    await tell(log, released('c-2'), ruled(decision('unchanged', '1', { basis: 100, facts: { cycleId: 'c-2', round: 1 } })));
    await tell(log, ruled(decision('update', '2')));
    start();
    expect((await saysAfter(4)).slice(1)).toEqual([
      `${RemovalHeld.type} disable 1`,
      `${ExportDeferred.type} disable 1 newer-export`,
      `${ObjectExported.type} update 2`,
    ]);
  });

  test('that a change became in a later round is not done without a release, and waits for the next cycle', async () => {
    people('2');
    await tell(log, ruled(decision('update', '1')), ruled(decision('update', '2')));
    start();
    await saysAfter(2);
    await tell(log, ruled(decision('update', '1', { basis: 1, facts: { cycleId: 'c-2' } })));
    await saysAfter(3);
    await tell(
      log,
      ruled(decision('disable', '1', { basis: 100, facts: { cycleId: 'c-2', round: 1 } })),
      ruled(decision('update', '2', { basis: 100 })),
    );
    expect((await saysAfter(5)).slice(2)).toEqual([
      `${ExportDeferred.type} update 1 newer-export`,
      `${RemovalHeld.type} disable 1`,
      `${ObjectExported.type} update 2`,
    ]);
    expect(activity()['t-1']).toBe(true);
    await tell(log, ruled(decision('disable', '1', { basis: 100, facts: { cycleId: 'c-3' } })), released('c-3'));
    expect((await saysAfter(7)).at(-1)).toBe(`${ObjectExported.type} disable 1`);
  });

  test('that no cycle counted is not counted when it is off either', async () => {
    await tell(log, ruled(decision('disable', '1', { facts: { attempt: 1 } })), ruled(decision('disable', '2')));
    await running(() => saysAfter(2));
    start();
    await tell(log, ...['1', '2'].map((anchor) => ruled(decision('unchanged', anchor, { facts: { cycleId: 'c-2' } }))));
    await saysAfter(4);
    const off = saidIn(log, { stage: 'exporter' }).filter(({ type }) => type === RemovalWithdrawn.type);
    expect(off.map(({ data }) => [(data as { objectKey: string }).objectKey, (data as { uncounted?: true }).uncounted])).toEqual([
      ['user:1', true],
      ['user:2', undefined],
    ]);
    expect(off.map(({ type, data }) => briefOf(type, data)?.attempt)).toEqual([1, 0]);
  });

  test('that was released and failed is not done by its retry: the next cycle proposes it again, and counts it', async () => {
    target.failNext('setActive', 'rejected');
    await tell(log, ruled(decision('disable', '1')), released());
    await running(() => saysAfter(2));
    await tell(log, ruled(decision('disable', '1', { basis: 100, facts: { attempt: 1 } })));
    start();
    await saysAfter(3);
    await tell(log, ruled(decision('disable', '1', { basis: 100, facts: { cycleId: 'c-2' } })), released('c-2'));
    expect((await saysAfter(5)).slice(1)).toEqual([
      `${ExportFailed.type} disable 1`,
      `${RemovalHeld.type} disable 1`,
      `${RemovalHeld.type} disable 1`,
      `${ObjectExported.type} disable 1`,
    ]);
    expect(activity()['t-1']).toBe(false);
  });

  test('by a retry does not take it out of the cycle that it waits with', async () => {
    await tell(
      log,
      ruled(decision('disable', '1', { facts: { cycleId: 'c-2' } })),
      ruled(decision('disable', '1', { facts: { cycleId: 'c-1', attempt: 3 } })),
      released('c-2'),
    );
    start();
    await eventually(() => said().includes(`${ObjectExported.type} disable 1`));
  });

  test('that is under way does not run into a newer decision about the same person', async () => {
    let finish: (() => void) | null = null;
    target.faults.push({
      on: 'setActive',
      fault: (_, carryOut) => new Promise<void>((resolve) => (finish = () => resolve(carryOut() as undefined))),
    });
    await tell(log, ruled(decision('disable', '1')));
    start();
    await saysAfter(1);
    await tell(log, released());
    await eventually(() => finish);
    await tell(log, ruled(decision('update', '1', { basis: 1, facts: { cycleId: 'c-2' } })));
    await tell(log, ruled(decision('update', '2', { facts: { cycleId: 'c-2' } })));
    await eventually(() => target.calls.includes('update t-2'));
    const early = target.calls.includes('update t-1');
    finish!();
    await eventually(() => said().some((each) => each.endsWith('update 2')));
    expect([early, said().filter((each) => each.includes(' 1'))]).toEqual([
      false,
      [`${RemovalHeld.type} disable 1`, `${ObjectExported.type} disable 1`, `${ExportDeferred.type} update 1 newer-export`],
    ]);
  });
});

test('hears nothing of other jobs and lanes', async () => {
  await tell(
    log,
    retryDue('x', { stage: 'rule-evaluator', lane: '1' }),
    { ...ruled(decision('create', '2')), lane: '3' },
    ruled(decision('create', '1')),
  );
  start();
  expect(await saysAfter(1)).toEqual([`${ObjectExported.type} create 1`]);
});
