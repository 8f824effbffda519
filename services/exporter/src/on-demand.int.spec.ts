import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MemoryLog, aJob, newEvent, tell } from '@provident/bus/testing';
import { MemoryTarget } from '@provident/connectors/testing';
import { ExportDeferred, LinkRepaired, ObjectExported, RemovalHeld, RemovalWithdrawn, configLane } from '@provident/contracts';
import { objectKeyOf } from '@provident/domain';
import { type TestDatabase, testDatabase } from '@provident/embedded/testing';
import { openDatabase } from '@provident/service-kit';
import { eventually } from '@provident/testing';
import type { DataSource } from 'typeorm';

import { exporterEntities, exporterMigrations } from './state/schema.js';
import type { Targets } from './targets.js';
import { decision, demanded, openedTarget, rejected, released, ruled } from './testing/decisions.js';
import { runLanes } from './testing/run-lanes.js';

let server: TestDatabase;
let database: DataSource;
let log: MemoryLog;
let target: MemoryTarget;
let stops: (() => Promise<void>)[];
let started: Promise<void> | undefined;

beforeAll(async () => {
  server = await testDatabase();
  database = await openDatabase({ url: server.url, schema: 'exporter', entities: exporterEntities, migrations: exporterMigrations });
}, 60_000);
afterAll(async () => {
  await database?.destroy();
  await server?.drop();
});
beforeEach(async () => {
  await database.query('TRUNCATE held_removal, last_export, fold_position');
  log = new MemoryLog();
  target = new MemoryTarget();
  stops = [];
  started = undefined;
});
afterEach(async () => {
  await Promise.allSettled(stops.map((stop) => stop()));
});

/** @param concurrency of the ordinary lane */
function start(concurrency = 8) {
  const open = openedTarget(target, concurrency);
  const targets = { open: async () => open } as unknown as Targets;
  const running = runLanes(log, { log, database, targets, registry: { untilStarted: () => started } });
  stops.push(running.stop);
  return running;
}
/** What the exporter said, in the order of the log: lane, type, action and whom it is about. */
const said = (): string[] =>
  log.events
    .filter(({ stage }) => stage === 'exporter')
    .map(({ lane, type, data }) => {
      const { objectKey, action, reason } = data as { objectKey: string; action?: string; reason?: { code: string } };
      const code = type === ExportDeferred.type ? reason?.code : undefined;
      return [lane, type, action, objectKey.slice('user:'.length), code].filter(Boolean).join(' ');
    });
const saysAfter = (count: number) => eventually(() => (said().length >= count ? said() : null));
const people = (...anchors: string[]) => anchors.forEach((anchor) => target.put(`t-${anchor}`, { userName: `p${anchor}` }));
const writes = () => target.calls.filter((call) => !call.startsWith('find'));
const titled = (anchor: string, title: string, more: Parameters<typeof decision>[2] = {}) =>
  decision('update', anchor, { changes: [{ attribute: 'title', old: null, new: title }], ...more });

/** What a request waits for until it is let go. */
function hurdle(): { readonly stuck: Promise<void>; readonly letGo: () => void } {
  let letGo = (): void => undefined;
  const stuck = new Promise<void>((resolve) => (letGo = resolve));
  return { stuck, letGo };
}

describe('an object in both lanes', () => {
  test('is created once: the other lane sees the write, and is sent back', async () => {
    target = new MemoryTarget({ unique: [] });
    await tell(log, ruled(decision('create', '1')), demanded(decision('create', '1')));
    start();
    const both = await saysAfter(2);
    expect(both.filter((each) => each.includes(ObjectExported.type))).toHaveLength(1);
    expect(both.filter((each) => each.includes(ExportDeferred.type))).toHaveLength(1);
    expect(writes()).toEqual(['create p1']);
  });

  test('keeps the values that were written on demand when the cycle comes with older ones', async () => {
    people('1');
    await tell(log, demanded(titled('1', 'Dr')));
    start();
    await saysAfter(1);
    await tell(log, ruled(titled('1', 'none', { basis: 1 })));
    expect(await saysAfter(2)).toEqual([`d0 ${ObjectExported.type} update 1`, `0 ${ExportDeferred.type} update 1 newer-export`]);
    expect(target.accounts.get('t-1')?.attributes['title']).toBe('Dr');
  });

  test('is not overwritten on demand with what was decided before the cycle wrote it, in an earlier run too', async () => {
    people('1');
    await tell(log, ruled(titled('1', 'Dr')));
    const first = start();
    await saysAfter(1);
    await first.stop();
    start();
    await tell(log, demanded(titled('1', 'none', { basis: 1 })));
    expect((await saysAfter(2))[1]).toBe(`d0 ${ExportDeferred.type} update 1 newer-export`);
  });
});

describe('a removal that waits', () => {
  const upon = (imported: number, event: ReturnType<typeof ruled>) => ({ ...event, cause: imported });

  test.each([
    ['', false],
    [', in an earlier run too', true],
  ])('stays when what is decided after it was imported before it: that is sent back, and the newer takes it off%s', async (_, anew) => {
    people('1');
    await tell(log, upon(80, ruled(decision('disable', '1'))));
    const first = start();
    await saysAfter(1);
    if (anew) await first.stop();
    if (anew) start();
    await tell(log, upon(66, demanded(titled('1', 'older'))));
    expect(await saysAfter(2)).toEqual([`0 ${RemovalHeld.type} disable 1`, `d0 ${ExportDeferred.type} update 1 overtaken`]);
    await tell(log, upon(66, ruled(decision('unchanged', '1', { facts: { cycleId: 'c-0' } }))));
    await tell(log, upon(90, demanded(titled('1', 'newest', { facts: { round: 1 } }))));
    expect((await saysAfter(4)).slice(2)).toEqual([`d0 ${RemovalWithdrawn.type} 1`, `d0 ${ObjectExported.type} update 1`]);
    expect(target.accounts.get('t-1')?.attributes['title']).toBe('newest');
  });

  test('and is rejected while somebody else takes it off is told of once', async () => {
    people('1');
    await tell(log, ruled(decision('disable', '1')));
    start();
    await saysAfter(1);
    const { stuck, letGo } = hurdle();
    const find = log.find.bind(log);
    let isSought = false;
    log.find = async (sequence) => {
      isSought = true;
      await stuck;
      return find(sequence);
    };
    await tell(log, rejected());
    await eventually(() => isSought);
    await tell(log, demanded(titled('1', 'Dr')));
    await saysAfter(3);
    letGo();
    await tell(log, ruled(decision('create', '2', { facts: { cycleId: 'c-2' } })));
    expect(await saysAfter(4)).toEqual([
      `0 ${RemovalHeld.type} disable 1`,
      `d0 ${RemovalWithdrawn.type} 1`,
      `d0 ${ObjectExported.type} update 1`,
      `0 ${ObjectExported.type} create 2`,
    ]);
  });

  test('upon a newer import sends no removal of a cycle back, which the cycle counts', async () => {
    people('1');
    await tell(log, upon(80, demanded(decision('disable', '1'))));
    start();
    await saysAfter(1);
    await tell(log, upon(66, ruled(decision('disable', '1'))));
    expect(await saysAfter(2)).toEqual([`d0 ${RemovalHeld.type} disable 1`, `0 ${RemovalHeld.type} disable 1`]);
  });
});

describe('what was decided before a person set the link', () => {
  const relinked = (anchor: string) =>
    newEvent(
      LinkRepaired,
      {
        jobId: aJob,
        objectKey: objectKeyOf('user', anchor),
        sourceId: anchor,
        targetId: 'right',
        state: 'active',
        formerId: `t-${anchor}`,
        by: { kind: 'user', name: 'kim' },
      },
      { lane: configLane, stage: 'importer', id: `link-${anchor}` },
    );

  test('is not written, in either lane and whether the exporter was at work already or comes later', async () => {
    people('1', '2', '3');
    await tell(log, ruled(titled('3', 'Dr')), relinked('1'));
    start();
    await saysAfter(1);
    await tell(log, relinked('2'), ruled(titled('1', 'Dr', { basis: 1 })), demanded(titled('2', 'Dr', { basis: 1 })));
    expect((await saysAfter(3)).slice(1).sort()).toEqual([
      `0 ${ExportDeferred.type} update 1 link-changed`,
      `d0 ${ExportDeferred.type} update 2 link-changed`,
    ]);
    expect(writes()).toEqual(['update t-3']);
  });

  test('is not written when it waited for its turn meanwhile', async () => {
    const { stuck, letGo } = hurdle();
    people('1', '5', '6');
    target.faults.push({ on: 'create', fault: (_, carryOut) => stuck.then(carryOut) });
    await tell(log, ruled(decision('update', '6')));
    start(1);
    await saysAfter(1); // what comes from now on was in nobody's hands before
    await tell(log, ruled(decision('create', '7', { basis: 1 })), ruled(titled('1', 'Dr', { basis: 1 })));
    await eventually(() => writes().length === 2);
    await tell(log, relinked('1'), demanded(titled('5', 'Dr')));
    await saysAfter(2); // on demand nobody waits: the link was heard of before
    letGo();
    expect((await saysAfter(4)).slice(2)).toEqual([`0 ${ObjectExported.type} create 7`, `0 ${ExportDeferred.type} update 1 link-changed`]);
    expect(writes()).toEqual(['update t-6', 'create p7', 'update t-5']);
  });

  test('is written once it knows of it', async () => {
    people('1');
    const [at = 0] = await tell(log, relinked('1'));
    await tell(log, ruled(titled('1', 'Dr', { basis: at, targetId: 't-1' })));
    start();
    expect(await saysAfter(1)).toEqual([`0 ${ObjectExported.type} update 1`]);
  });
});

test('on demand, nobody waits behind the backlog of the lane', async () => {
  people('1');
  const { stuck, letGo } = hurdle();
  target.faults.push({ on: 'create', fault: (_, carryOut) => stuck.then(carryOut) });
  await tell(log, ...Array.from({ length: 40 }, (_, at) => ruled(decision('create', `${at + 10}`))));
  start(1);
  await eventually(() => writes().length === 1);
  await tell(log, demanded(titled('1', 'Dr')));
  expect(await saysAfter(1)).toEqual([`d0 ${ObjectExported.type} update 1`]);
  letGo();
  expect(await saysAfter(41)).toHaveLength(41);
});

test('on demand, an object overtakes its own write that waits in the queue', async () => {
  const { stuck, letGo } = hurdle();
  target = new MemoryTarget({ unique: [] });
  people('6');
  target.faults.push({ on: 'create', fault: (_, carryOut) => stuck.then(carryOut) });
  await tell(log, ruled(decision('update', '6')));
  start(1);
  await saysAfter(1); // what comes from now on was in nobody's hands before
  // Decided since, so that nobody has to ask the tables, and each comes to the queue in its turn.
  await tell(log, ...['7', '8', '9'].map((anchor) => ruled(decision('create', anchor, { basis: 1 }))));
  await eventually(() => writes().length === 2);
  await tell(log, demanded(decision('create', '9')));
  expect(await saysAfter(2)).toEqual([`0 ${ObjectExported.type} update 6`, `d0 ${ObjectExported.type} create 9`]);
  letGo();
  expect((await saysAfter(5)).slice(2)).toEqual([
    `0 ${ObjectExported.type} create 7`,
    `0 ${ObjectExported.type} create 8`,
    `0 ${ExportDeferred.type} create 9 overtaken`,
  ]);
  expect(writes()).toEqual(['update t-6', 'create p7', 'create p9', 'create p8']);
});

test('a stopped job writes nothing on demand either', async () => {
  people('1');
  let begin = (): void => undefined;
  started = new Promise<void>((resolve) => (begin = resolve));
  await tell(log, demanded(titled('1', 'Dr')), ruled(decision('create', '2')), ruled(decision('skip', '3')));
  start();
  await eventually(() => target.calls.includes('find p2')); // it is in doubt, and has come as far as the write
  expect(writes()).toEqual([]);
  begin();
  await saysAfter(2);
});

test('a run that ends while one lane waits for the other ends both, and the next one settles what was under way', async () => {
  people('1');
  const { stuck, letGo } = hurdle();
  target.faults.push({ on: 'update', fault: (_, carryOut) => stuck.then(carryOut) });
  const first = start();
  await tell(log, ruled(titled('1', 'Prof')));
  await eventually(() => target.calls.includes('update t-1'));
  await tell(log, demanded(titled('1', 'Dr')), demanded(titled('2', 'Dr')));
  log.fault = async () => {
    throw new Error('died');
  };
  letGo();
  await expect(first.ended).rejects.toThrow('died');
  log.fault = null;
  start();
  await eventually(() => said().some((each) => each.startsWith('d0') && each.includes('update 1')));
  await eventually(() => said().some((each) => each.startsWith('0 ')));
  expect(target.accounts.get('t-1')?.attributes['title']).toBe('Dr');
});

test('a run ends although an object waits for a write that was overtaken before it began, and the next one does all of it', async () => {
  people('1');
  await tell(log, ruled(titled('1', 'Dr')));
  const first = start();
  await saysAfter(1);
  const ofCycle = (cycleId: string) => ruled(titled('1', 'none', { facts: { cycleId } }));
  const { stuck, letGo } = hurdle();
  log.fault = async (events, store) => {
    if (events[0]!.stage !== 'exporter') return store();
    await stuck;
    throw new Error('died');
  };
  await tell(log, ofCycle('c-2'), ofCycle('c-3'));
  await new Promise((resolve) => setTimeout(resolve, 50)); // the one is sent back, which cannot be told yet; the other waits for that
  await tell(log, demanded(titled('1', 'Prof', { basis: 100 })));
  await eventually(() => writes().length === 2); // it has taken the place of the first
  letGo();
  await expect(first.ended).rejects.toThrow('died');
  log.fault = null;
  start();
  expect((await saysAfter(4)).slice(1).sort()).toEqual([
    `0 ${ExportDeferred.type} update 1 newer-export`,
    `0 ${ExportDeferred.type} update 1 newer-export`,
    `d0 ${ObjectExported.type} update 1`,
  ]);
}, 20_000);

describe('a removal on demand', () => {
  test('that was not confirmed is held, and no release of a cycle does it', async () => {
    people('1');
    await tell(log, demanded(decision('disable', '1')));
    start();
    expect(await saysAfter(1)).toEqual([`d0 ${RemovalHeld.type} disable 1`]);
    await tell(log, released('c-1'), ruled(decision('update', '2', { targetId: 't-1' })));
    await saysAfter(2);
    expect(target.accounts.get('t-1')?.active).toBe(true);
  });

  test('that was not confirmed is held also where a change became one in a later round', async () => {
    people('1');
    await tell(log, ruled(titled('1', 'Dr')));
    start();
    await saysAfter(1);
    await tell(log, demanded(titled('1', 'none', { basis: 1 })));
    await saysAfter(2);
    await tell(log, demanded(decision('disable', '1', { basis: 100, facts: { round: 1 } })));
    await tell(log, ruled(titled('2', 'Dr')));
    expect((await saysAfter(4)).slice(1).sort()).toEqual([
      expect.stringContaining('0 '),
      `d0 ${ExportDeferred.type} update 1 newer-export`,
      `d0 ${RemovalHeld.type} disable 1`,
    ]);
    expect(target.accounts.get('t-1')?.active).toBe(true);
  });

  test('that was confirmed is done, and takes the place of the one that a cycle holds', async () => {
    people('1');
    await tell(log, ruled(decision('disable', '1')));
    start();
    await saysAfter(1);
    await tell(log, demanded(decision('disable', '1', { basis: 2 }), true));
    expect((await saysAfter(3)).slice(1)).toEqual([`d0 ${RemovalWithdrawn.type} 1`, `d0 ${ObjectExported.type} disable 1`]);
    await tell(log, released('c-1'), ruled(titled('1', 'Dr', { basis: 6, facts: { cycleId: 'c-2' } })));
    await saysAfter(4);
    expect(writes().filter((call) => call.startsWith('setActive'))).toHaveLength(1);
  });

  test('that is done before the log tells of the one that a cycle holds takes nothing back: that is sent back once it is released', async () => {
    people('1');
    const { stuck, letGo } = hurdle();
    target.faults.push({ on: 'create', fault: (_, carryOut) => stuck.then(carryOut) });
    await tell(log, ruled(decision('create', '9')), ruled(decision('disable', '1')));
    start();
    await eventually(() => writes().length === 1); // the removal is held, and told behind this
    await tell(log, demanded(decision('disable', '1', { basis: 2 }), true));
    expect(await saysAfter(1)).toEqual([`d0 ${ObjectExported.type} disable 1`]);
    letGo();
    expect((await saysAfter(3)).slice(1)).toEqual([`0 ${ObjectExported.type} create 9`, `0 ${RemovalHeld.type} disable 1`]);
    await tell(log, released('c-1'));
    expect((await saysAfter(4)).slice(3)).toEqual([`0 ${ExportDeferred.type} disable 1 newer-export`]);
    expect(writes().filter((call) => call.startsWith('setActive'))).toHaveLength(1);
  });

  test.each(['the same instance', 'its successor'])(
    'that is done while the log comes to tell of the one that a cycle holds leaves that waiting: %s sends it back once it is released',
    async (whose) => {
      people('1');
      const [lane, demand] = [hurdle(), hurdle()];
      target.faults.push({ on: 'create', fault: (_, carryOut) => lane.stuck.then(carryOut) });
      target.faults.push({ on: 'setActive', fault: (_, carryOut) => demand.stuck.then(carryOut) });
      await tell(log, ruled(decision('create', '9')), ruled(decision('disable', '1')));
      const first = start();
      await eventually(() => writes().length === 1);
      await tell(log, demanded(decision('disable', '1', { basis: 2 }), true));
      await eventually(() => writes().includes('setActive t-1 false'));
      lane.letGo();
      expect(await saysAfter(2)).toEqual([`0 ${ObjectExported.type} create 9`, `0 ${RemovalHeld.type} disable 1`]);
      demand.letGo();
      expect((await saysAfter(3)).slice(2)).toEqual([`d0 ${ObjectExported.type} disable 1`]);
      if (whose === 'its successor') {
        await first.stop();
        start();
      }
      await tell(log, released('c-1'));
      expect((await saysAfter(4)).slice(3)).toEqual([`0 ${ExportDeferred.type} disable 1 newer-export`]);
    },
  );

  test('that nobody wants any more is withdrawn, for good, and one that was decided later stays', async () => {
    people('1', '2');
    await tell(log, ruled(decision('disable', '1')));
    const first = start();
    await saysAfter(1);
    await tell(log, demanded(decision('unchanged', '1')), demanded(decision('unchanged', '2')));
    await eventually(() => said().includes(`d0 ${RemovalWithdrawn.type} 1`));
    await tell(log, ruled(decision('disable', '2')));
    await saysAfter(3);
    await first.stop();
    start();
    await tell(log, released('c-1'));
    expect((await saysAfter(4)).slice(3)).toEqual([`0 ${ObjectExported.type} disable 2`]);
    expect(target.accounts.get('t-1')?.active).toBe(true);
  });
});

describe('a removal that was released while its job is stopped', () => {
  test.each([
    ['nothing is left to do', decision('unchanged', '1', { basis: 3 }), [`d0 ${RemovalWithdrawn.type} 1`]],
    ['it is not known', decision('fail', '1', { basis: 3 }), [`0 ${ObjectExported.type} disable 1`]],
  ])('and of which is said on demand that %s has one end', async (_, demand, end) => {
    people('1', '2');
    await tell(log, ruled(decision('disable', '1')));
    start();
    await saysAfter(1);
    const { stuck, letGo } = hurdle();
    started = stuck;
    await tell(log, released('c-1'));
    await new Promise((resolve) => setTimeout(resolve, 50)); // it waits for the job to be started
    await tell(log, demanded(demand), demanded(titled('2', 'Dr')));
    await new Promise((resolve) => setTimeout(resolve, 50));
    letGo();
    started = undefined;
    await eventually(() => said().some((each) => each.endsWith('update 2')));
    await eventually(() => said().some((each) => end.includes(each)));
    await tell(log, ruled(titled('2', 'Prof', { basis: 100, facts: { cycleId: 'c-2' } })));
    await eventually(() => said().filter((each) => each.endsWith('update 2')).length === 2);
    expect(
      said()
        .filter((each) => each.endsWith(' 1'))
        .slice(1),
    ).toEqual(end);
    expect(target.accounts.get('t-1')?.active).toBe(end[0]!.startsWith('d0'));
  });
});

test('what a predecessor may have created on demand without saying so is not created again in the ordinary lane', async () => {
  target = new MemoryTarget({ unique: [] });
  const beyondDoubt = Array.from({ length: 130 }, (_, at) => ruled(decision('create', `${at + 10}`)));
  await tell(log, ...beyondDoubt, ruled(decision('create', '1')));
  await tell(log, demanded(decision('create', '1')));
  target.put('t-999', { userName: 'p1' }); // the predecessor's
  start();
  const about1 = (await saysAfter(132)).filter((each) => / 1( |$)/.test(each)).sort();
  // Whichever comes first finds it; the other one may know of that by then.
  const sentBack = (lane: string) => expect.stringMatching(`^${lane} ${ExportDeferred.type} create 1 (found-before-create|newer-export)$`);
  expect(about1).toEqual([sentBack('0'), sentBack('d0')]);
  expect(writes()).not.toContain('create p1');
});
