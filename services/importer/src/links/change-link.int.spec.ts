import { beforeEach, describe, expect, test } from '@jest/globals';
import { type MemoryLog, aJob } from '@provident/bus/testing';
import { MemoryTarget } from '@provident/connectors/testing';
import { LinkRemoved, LinkRepaired, ObjectImportFailed, TargetObjectImported, configLane, is } from '@provident/contracts';
import { eventually } from '@provident/testing';

import { linkSubject } from '../on-demand/on-demand.controller.js';
import { ImporterAtWork, type ImporterRun, kim } from '../testing/importer-at-work.js';
import { type MemorySource, personOf } from '../testing/memory-source.js';

const objects = [
  {
    type: 'user' as const,
    displayName: 'lastName',
    attributes: [
      { target: 'userName', source: 'email', matching: 1 },
      { target: 'title', source: 'title' },
      { target: 'manager', reference: 'boss' },
    ],
  },
  { type: 'group' as const, attributes: [{ target: 'displayName', source: 'name', matching: 1 }] },
];

const importer = new ImporterAtWork(() => new MemoryTarget({ unique: [] }));
let log: MemoryLog;
let source: MemorySource;
let target: MemoryTarget;
let run: ImporterRun;
beforeEach(async () => {
  ({ log, source, target } = importer);
  await importer.configure({ lanes: 2, objects });
  run = importer.start();
});

const order = (data: object) => importer.request(linkSubject(aJob), { jobId: aJob, by: kim, ...data });
const remove = (id: string, objectType = 'user') => order({ order: 'remove', subject: { objectType, id } });
const repair = (id: string, to: Record<string, string>, objectType = 'user') => order({ order: 'repair', subject: { objectType, id }, to });
const idOf = (userName: string): string => [...target.accounts].find(([, { attributes }]) => attributes['userName'] === userName)![0];
const titleOf = (id: string) => target.accounts.get(id)?.attributes['title'];
const titled = (anchor: string, title: string): void => void source.people.set(anchor, personOf(anchor, { title }));
const linkOf = async (key: string): Promise<string | null> =>
  (await importer.database.query<{ target_id: string | null }[]>('SELECT target_id FROM source_object WHERE object_key = $1', [key]))[0]!
    .target_id;
const writes = () => target.calls.filter((call) => /^(create|update|changeMembers|setActive|remove) /.test(call));

describe('a link that is taken away', () => {
  test('writes nothing; the next cycle finds the account again by the matching rules, also when nothing changed, and makes no second one', async () => {
    source.put('1', '2');
    await importer.cycle('c-1', 'initial');
    const [accounts, written] = [target.accounts.size, writes().length];
    const answer = await remove('1');
    expect(answer).toMatchObject({ ok: true, result: { objectKey: 'user:1', targetId: null, changed: true } });
    expect(await linkOf('user:1')).toBeNull();
    expect(writes()).toHaveLength(written);
    expect(await importer.cycle('c-2')).toMatchObject({ imported: 1 });
    await eventually(async () => (await linkOf('user:1')) === idOf('p1'));
    expect([target.accounts.size, writes().length]).toEqual([accounts, written]);
    const found = log.events.findLast((event) => is(event, TargetObjectImported));
    expect(found?.data).toMatchObject({ objectKey: 'user:1', by: 'matching' });
    expect(await importer.cycle('c-3')).toMatchObject({ imported: 0 });
  });

  test('stands in the log apart from objects, with who did it; doing it again does nothing', async () => {
    source.put('1');
    await importer.cycle('c-1', 'initial');
    const account = idOf('p1');
    await remove(account);
    expect(await remove('1')).toMatchObject({ ok: true, result: { changed: false } });
    const said = log.events.filter((event) => is(event, LinkRemoved));
    expect(said).toMatchObject([
      { lane: configLane, data: { objectKey: 'user:1', sourceId: '1', displayName: 'Doe 1', targetId: account, by: kim } },
    ]);
  });

  test('brings back somebody whose account is gone, who is then made a new one', async () => {
    source.put('1');
    await importer.cycle('c-1', 'initial');
    target.accounts.clear();
    await remove('1');
    await importer.cycle('c-2');
    await eventually(async () => (await linkOf('user:1')) === idOf('p1'));
  });

  test('while the broker does not answer may stand in the log or not: whoever asked hears so, and the importer looks before it says more', async () => {
    source.put('1', '2');
    await importer.cycle('c-1', 'initial');
    log.fault = async (events, store) => {
      const sequences = store();
      if (events[0]!.definition.type === LinkRemoved.type) throw new Error('no answer');
      return sequences;
    };
    expect(await remove('1')).toMatchObject({ ok: false, message: 'it is not known whether this was done: no answer; look again' });
    await expect(run.ended).rejects.toThrow('no answer');
    log.fault = null;
    importer.start();
    expect(await remove('1')).toMatchObject({ ok: true, result: { targetId: null, changed: false } });
    expect(await remove('2')).toMatchObject({ ok: true, result: { targetId: null, changed: true } });
  });

  test('of nobody is refused', async () => {
    expect(await remove('9')).toMatchObject({ ok: false, message: expect.stringContaining('knows no user "9"') });
    expect(await remove('9', 'printer')).toMatchObject({ ok: false, message: 'there are no "printer" objects, only user and group' });
  });

  test('leaves memberships alone, and they count again once the same account is found', async () => {
    source.put('1', '2');
    source.join('a', '1', '2');
    await importer.cycle('c-1', 'initial');
    const group = target.accounts.get([...target.accounts].find(([, { attributes }]) => attributes['displayName'] === 'Group a')![0])!;
    await importer.settled(() => group.members.size === 2);
    const before = writes().length;
    await remove('1');
    source.people.set('3', personOf('3'));
    source.join('a', '3');
    await importer.cycle('c-2');
    await importer.settled(() => group.members.size === 3);
    expect(
      writes()
        .slice(before)
        .filter((call) => call.startsWith('changeMembers')),
    ).toHaveLength(1);
  });
});

describe('a link that is set', () => {
  beforeEach(async () => {
    source.put('1', '2');
    titled('1', 'Clerk');
    await importer.cycle('c-1', 'initial');
    target.put('right', { userName: 'someone' });
  });

  test('leads the next change to the right account, and leaves the wrong one as it was', async () => {
    const wrong = idOf('p1');
    expect(await repair('1', { targetId: 'right' })).toMatchObject({ ok: true, result: { targetId: 'right', changed: true } });
    titled('1', 'Head');
    await importer.cycle('c-2');
    expect([titleOf('right'), titleOf(wrong)]).toEqual(['Head', 'Clerk']);
    expect(target.accounts.get('right')?.attributes['userName']).toBe('p1');
    const said = log.events.find((event) => is(event, LinkRepaired));
    expect(said?.data).toMatchObject({ targetId: 'right', formerId: wrong, state: 'active', by: kim });
  });

  test('brings the account in step in the next cycle also when nothing changed at the source', async () => {
    await repair('1', { value: 'someone' });
    expect(await importer.cycle('c-2')).toMatchObject({ imported: 1 });
    expect(titleOf('right')).toBe('Clerk');
    expect(await importer.cycle('c-3')).toMatchObject({ imported: 0 });
  });

  test('may be named by the value of a matching attribute; of none, several, or another attribute it is refused', async () => {
    expect(await repair('1', { value: 'nobody' })).toMatchObject({ ok: false, message: 'no account of the target has userName "nobody"' });
    target.put('twin', { userName: 'someone' });
    expect((await repair('1', { value: 'someone' })).message).toContain('2 accounts have userName "someone" (right, twin)');
    expect((await repair('1', { value: 'x', attribute: 'title' })).message).toContain(
      '"title" is no matching attribute of the job; these are: userName',
    );
    expect(await repair('1', { targetId: 'none' })).toMatchObject({
      ok: false,
      message: expect.stringContaining('no account with the id "none"'),
    });
    expect(importer.all(LinkRepaired)).toEqual([]);
  });

  test('never leads two people to one account', async () => {
    const taken = idOf('p2');
    expect(await repair('1', { targetId: taken })).toMatchObject({ ok: false, message: expect.stringContaining('linked to user:2') });
    // And whoever matches what was given to another is refused with both names.
    await repair('1', { targetId: 'right' });
    source.people.set('5', personOf('5', { email: 'someone' }));
    await importer.cycle('c-2');
    const refusal = log.events.find((event) => is(event, ObjectImportFailed));
    expect(refusal?.data).toMatchObject({ objectKey: 'user:5', failure: { message: expect.stringContaining('belongs to user:1') } });
  });

  test('to an account that somebody disabled leaves its groups alone: the next cycle enables it', async () => {
    source.join('a', '1');
    await importer.cycle('c-2');
    const group = target.accounts.get([...target.accounts].find(([, { attributes }]) => attributes['displayName'] === 'Group a')![0])!;
    const own = idOf('p1');
    await importer.settled(() => group.members.has(own));
    await remove('1');
    target.accounts.get(own)!.active = false;
    const before = writes().length;
    await repair('1', { targetId: own });
    await importer.cycle('c-3');
    await importer.settled(() => target.accounts.get(own)!.active);
    expect(
      writes()
        .slice(before)
        .filter((call) => call.startsWith('changeMembers')),
    ).toEqual([]);
    expect([...group.members]).toEqual([own]);
  });

  test('to an account that was taken out of a group as somebody else’s joins that group anew', async () => {
    source.join('a', '1', '2');
    await importer.cycle('c-2');
    const group = target.accounts.get([...target.accounts].find(([, { attributes }]) => attributes['displayName'] === 'Group a')![0])!;
    const own = idOf('p1');
    await importer.settled(() => group.members.size === 2);
    await remove('1');
    await remove('2');
    const before = writes().length;
    await repair('2', { targetId: own });
    await importer.settled(() => writes().length > before);
    source.leave('a', '2');
    await importer.cycle('c-3');
    await importer.settled(() => !group.members.has(own));
    await remove('2');
    await repair('1', { targetId: own });
    await importer.cycle('c-4');
    await importer.settled(() => group.members.has(own));
  });

  test('is refused while the target cannot be asked, and nothing is said', async () => {
    target.failNext('read', 'unauthorized', { message: 'down for the day' });
    expect(await repair('1', { targetId: 'right' })).toMatchObject({ ok: false, message: expect.stringContaining('down for the day') });
    expect(log.events.some((event) => is(event, LinkRepaired))).toBe(false);
  });

  test('takes groups and references along: the new account joins, and others refer to it', async () => {
    source.join('a', '1');
    source.people.set('2', personOf('2', { boss: '1' }));
    await importer.cycle('c-2');
    const wrong = idOf('p1');
    const group = target.accounts.get([...target.accounts].find(([, { attributes }]) => attributes['displayName'] === 'Group a')![0])!;
    await importer.settled(() => group.members.has(wrong));
    await repair('1', { targetId: 'right' });
    await importer.cycle('c-3');
    await importer.settled(() => group.members.has('right') && target.accounts.get(idOf('p2'))?.attributes['manager'] === 'right');
    expect([...group.members].sort()).toEqual([wrong, 'right'].sort());
  });

  test('holds when the tables are folded anew from the log', async () => {
    await repair('1', { targetId: 'right' });
    await remove('2');
    await importer.stop();
    await importer.database.query(
      'TRUNCATE source_object, again, open_cycle, fold_position, judged_rules, link_epoch, reference_given, membership',
    );
    importer.start();
    await eventually(async () => (await importer.database.query<unknown[]>('SELECT FROM fold_position')).length > 0);
    expect([await linkOf('user:1'), await linkOf('user:2')]).toEqual(['right', null]);
  });
});

test('what was looked up before a link was set makes no other link, and the next cycle looks again', async () => {
  source.put('1');
  await importer.cycle('c-1', 'initial');
  target.put('right', { userName: 'someone' });
  titled('1', 'Head');
  let letGo = (): void => undefined;
  const stuck = new Promise<void>((resolve) => (letGo = resolve));
  const wrong = idOf('p1');
  await remove('1');
  target.faults.push({ on: 'find', fault: (_, carryOut) => stuck.then(carryOut) });
  const finds = () => target.calls.filter((call) => call === 'find p1').length;
  const before = finds();
  const running = importer.cycle('c-2');
  await eventually(() => finds() > before);
  expect(await repair('1', { targetId: 'right' })).toMatchObject({ ok: true });
  letGo();
  await running;
  expect(await linkOf('user:1')).toBe('right');
  expect(wrong).not.toBe('right');
  expect(await importer.cycle('c-3')).toMatchObject({ imported: 1 });
  expect(titleOf('right')).toBe('Head');
});
