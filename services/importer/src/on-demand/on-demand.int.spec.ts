import { beforeEach, describe, expect, test } from '@jest/globals';
import { type MemoryLog, aJob, newEvent, tell } from '@provident/bus/testing';
import { ConnectorError } from '@provident/connectors';
import type { MemoryTarget } from '@provident/connectors/testing';
import {
  type DataOf,
  ExportDeferred,
  JobStateChanged,
  SourceObjectImported,
  TargetObjectImported,
  configLane,
  is,
  isDemandLane,
} from '@provident/contracts';
import { mapping, objectMapping } from '@provident/domain/testing';
import { eventually } from '@provident/testing';

import { ImporterAtWork, kim } from '../testing/importer-at-work.js';
import { type MemorySource, personOf } from '../testing/memory-source.js';
import { demandSubject } from './on-demand.controller.js';

const importer = new ImporterAtWork();
let log: MemoryLog;
let source: MemorySource;
let target: MemoryTarget;
beforeEach(async () => {
  ({ log, source, target } = importer);
  await importer.configure({ lanes: 1 });
  importer.start();
});

const name = mapping('displayName', { source: 'name', matching: 1 });
/** What was said of a person, in order: whether on demand, and the last name. */
const saidOf = (anchor: string): string[] =>
  log.events
    .filter((event) => is(event, SourceObjectImported) && event.data.sourceId === anchor)
    .map(
      ({ lane, data }) =>
        `${isDemandLane(lane) ? 'demand' : 'cycle'} ${String((data as { attributes: { lastName: string } }).attributes.lastName)}`,
    );
const finds = () => target.calls.filter((call) => call === 'find p3').length;
/** Asks for a person, and waits until that was said; nobody here decides upon it. */
const ask = async (anchor: string): Promise<void> => {
  const before = saidOf(anchor).filter((each) => each.startsWith('demand')).length;
  await importer.order(demandSubject(aJob), { jobId: aJob, subjects: [{ id: anchor }], by: kim });
  await eventually(() => saidOf(anchor).filter((each) => each.startsWith('demand')).length > before);
};
const named = (anchor: string, lastName: string): void => void source.people.set(anchor, personOf(anchor, { lastName }));

test('a person is read and looked up beside whatever else is going on, and it is said who asked', async () => {
  source.put('1');
  target.put('t-1', { userName: 'p1' });
  await ask('1');
  const said = log.events.filter(({ stage }) => stage === 'importer');
  expect(said.map(({ type, lane }) => [type, lane])).toEqual([
    [SourceObjectImported.type, 'd0'],
    [TargetObjectImported.type, 'd0'],
  ]);
  expect(said[1]!.data).toMatchObject({ by: 'matching', matches: [{ id: 't-1' }], demand: { by: kim, allowRemoval: false } });
});

describe('while a cycle is being imported', () => {
  beforeEach(async () => {
    source.put('1', '2', '3', '4');
    await importer.import('c-1', 'initial');
  });

  test('who came after its reading began is not taken for gone', async () => {
    source.beforePage = async (page) => {
      if (page !== 1) return;
      source.put('9');
      await ask('9');
    };
    expect(await importer.import('c-2')).toMatchObject({ read: 4, gone: 0, imported: 0 });
    expect(saidOf('9')).toEqual(['demand Doe 9']);
  });

  test('a page that is older than what was read on demand does not say the older values', async () => {
    named('3', 'Older');
    source.beforePage = async (page) => {
      if (page !== 1) return;
      named('3', 'Newest');
      await ask('3');
    };
    await importer.import('c-2');
    expect(
      saidOf('3')
        .slice(1)
        .every((each) => each.endsWith('Newest')),
    ).toBe(true);
    source.beforePage = () => undefined;
    expect(await importer.import('c-3')).toMatchObject({ imported: 0 });
  });

  test('a reading that goes on where that of a dead importer stood does not say the older values either', async () => {
    named('1', 'Changed');
    let isDead = (): void => undefined;
    const dead = new Promise<void>((resolve) => (isDead = resolve));
    let wasAsked = false;
    source.beforePage = async (page) => {
      if (page !== 1) return;
      named('3', 'Newest');
      await ask('3');
      wasAsked = true;
      await dead;
      throw new Error('dead');
    };
    await importer.openCycle('c-2');
    await eventually(() => wasAsked);
    const stopped = importer.stop();
    isDead();
    await stopped;
    source.beforePage = () => undefined;
    named('3', 'Older'); // what the cursor stands for
    source.find = async (_, anchor) => ({ anchor, attributes: personOf(anchor, { lastName: 'Newest' }) });
    importer.start();
    await importer.endOf('c-2');
    expect(source.reads.at(-1)).toMatchObject({ resumeAt: { at: 2 } });
    expect(saidOf('3').slice(1)).toEqual(['demand Newest']);
  });

  test('somebody whom a page reports as removed, and who was back when read on demand since, is not taken for removed', async () => {
    source.kind = 'delta';
    source.removed = ['3', '4'];
    source.beforePage = async (page) => {
      if (page === 0) await ask('3');
    };
    await importer.import('c-2');
    expect(importer.allOf('c-2', SourceObjectImported).filter(({ change }) => change === 'deleted')).toMatchObject([{ sourceId: '4' }]);
    expect(saidOf('3')).toEqual(['cycle Doe 3', 'demand Doe 3']);
  });

  test('a page that is still looking people up leaves out who was said on demand meanwhile', async () => {
    named('3', 'Older');
    let letGo = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (letGo = resolve));
    target.faults.push({ on: 'find', fault: (_, carryOut) => stuck.then(carryOut) });
    const before = finds();
    await importer.openCycle('c-2');
    await eventually(() => finds() > before);
    named('3', 'Newest');
    await ask('3');
    letGo();
    expect(await importer.endOf('c-2')).toMatchObject({ imported: 0 });
    expect(saidOf('3')).toEqual(['cycle Doe 3', 'demand Newest']);
    expect(await importer.import('c-3')).toMatchObject({ imported: 0 });
  });

  test('what was read on demand before a newer page came is read again before it is said', async () => {
    let letGo = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (letGo = resolve));
    named('3', 'Older');
    target.faults.push({ on: 'find', fault: (_, carryOut) => stuck.then(carryOut) });
    const before = finds();
    const asked = ask('3');
    await eventually(() => finds() > before);
    named('3', 'Newest');
    expect(await importer.import('c-2')).toMatchObject({ imported: 1 });
    letGo();
    await asked;
    expect(saidOf('3')).toEqual(['cycle Doe 3', 'cycle Newest', 'demand Newest']);
  });
});

test('what was read on demand before a page found the record unusable is read again before it is said', async () => {
  source.put('1', '2', '3', '4');
  await importer.import('c-1', 'initial');
  let letGo = (): void => undefined;
  const stuck = new Promise<void>((resolve) => (letGo = resolve));
  target.faults.push({ on: 'find', fault: (_, carryOut) => stuck.then(carryOut) });
  const before = finds();
  const asked = ask('3');
  await eventually(() => finds() > before);
  source.people.delete('3');
  source.find = async (_, id) => ({ anchor: id, attributes: personOf(id, { lastName: 'Newest' }) });
  source.failures = [{ anchor: '3', code: 'unreadable-record', message: 'it cannot be read', place: 'line 3' }];
  await importer.import('c-2');
  letGo();
  await asked;
  expect(saidOf('3').at(-1)).toBe('demand Newest');
});

test('a group is imported like a person, where the job has rules for groups', async () => {
  source.join('a');
  const request = { jobId: aJob, subjects: [{ objectType: 'group', id: 'a' }], by: kim };
  expect(await importer.request(demandSubject(aJob), request)).toMatchObject({
    ok: false,
    message: `job "${aJob}" provisions no "group" objects`,
  });
  const objects = [objectMapping(), objectMapping({ type: 'group', source: 'group', target: 'Group', attributes: [name] })];
  await importer.configure({ lanes: 1, objects });
  await importer.order(demandSubject(aJob), request);
  const said = await eventually(() => log.events.find((event) => is(event, SourceObjectImported)));
  expect([isDemandLane(said.lane), said.data]).toMatchObject([true, { objectKey: 'group:a', change: 'added' }]);
});

test('somebody who is named by the id in the source and by that of the account too is imported once', async () => {
  source.put('1', '2');
  await importer.cycle('c-1', 'initial');
  const [account] = [...target.accounts].find(([, { attributes }]) => attributes['userName'] === 'p1')!;
  await importer.order(demandSubject(aJob), { jobId: aJob, subjects: [{ id: '1' }, { id: account }, { id: '2' }], by: kim });
  await eventually(() => saidOf('2').includes('demand Doe 2'));
  expect(saidOf('1')).toEqual(['cycle Doe 1', 'demand Doe 1']);
});

test('a change that is sent back is told as going on when its source cannot be asked again: it was begun, and did not fail', async () => {
  source.put('1');
  const asked = importer.request(demandSubject(aJob), { jobId: aJob, subjects: [{ id: '1' }], by: kim });
  const [{ targetFollows: _follows, attributes: _attributes, change: _change, ...facts }] = (await eventually(() => {
    const said = importer.all(SourceObjectImported);
    return said.length > 0 && said;
  })) as [DataOf<typeof SourceObjectImported>];
  source.find = async () => {
    throw new ConnectorError({ kind: 'unavailable', code: 'source-away', message: 'it does not answer' });
  };
  const deferred = { ...facts, action: 'create' as const, reason: { code: 'conflict', text: 'test' } };
  await tell(log, newEvent(ExportDeferred, deferred, { lane: 'd0', stage: 'exporter', id: 'deferred' }));
  const { result } = await asked;
  expect(result).toMatchObject({ results: [{ status: 'in-progress', changeId: facts.changeId }] });
});

test('nobody is imported for a stopped job', async () => {
  source.put('1');
  await tell(
    log,
    newEvent(JobStateChanged, { jobId: aJob, state: 'stopped', by: kim }, { lane: configLane, stage: 'job-scheduler', id: 'stopped' }),
  );
  await eventually(() => importer.registry.find(aJob)?.state === 'stopped');
  const answer = await importer.request(demandSubject(aJob), { jobId: aJob, subjects: [{ id: '1' }], by: kim });
  expect(answer).toMatchObject({ ok: false, message: expect.stringContaining('start it first') });
  expect(saidOf('1')).toEqual([]);
});
