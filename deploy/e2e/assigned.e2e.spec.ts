import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RemovalsHeld, RuleEvaluated, is } from '@provident/contracts';

import {
  Installation,
  type JobInput,
  type PlainTarget,
  checkLog,
  csvJob,
  peopleRules,
  person,
  scimTarget,
  startPlainTarget,
  writeCsv,
} from './harness/index.js';

let installation: Installation;
const targets: PlainTarget[] = [];
beforeAll(async () => {
  installation = await Installation.start();
});
afterAll(async () => {
  await installation?.stop();
  await Promise.all(targets.map((each) => each.close()));
});

const active = (target: PlainTarget): string[] =>
  target
    .users()
    .filter((each) => each['active'] !== false)
    .map((each) => String(each['userName']).replace(/@.*/, '').slice('user'.length))
    .sort();

test('a job for the members of a group follows who joins and leaves it; too many who leave are held like any removals', async () => {
  const job = 'assigned';
  const target = await startPlainTarget({ unique: true });
  targets.push(target);
  const file = (name: string, rows: readonly string[]): void => writeFileSync(join(installation.folder, name), `${rows.join('\n')}\n`);
  const join_ = (...members: readonly string[]): void => file('members.csv', ['team,person', ...members.map((member) => `wiki,${member}`)]);
  writeCsv(
    join(installation.folder, `${job}.csv`),
    Array.from({ length: 30 }, (_, at) => person(at)),
  );
  file('teams.csv', ['id,title', 'wiki,Wiki users', 'other,Others']);
  const all = Array.from({ length: 20 }, (_, at) => `E${at}`);
  join_(...all);
  const withGroups = (assigned: object, groups = true): JobInput => ({
    ...csvJob(job, { url: target.url }),
    source: {
      connector: 'csv',
      config: {
        file: `${job}.csv`,
        anchor: 'employeeId',
        ...(groups && {
          groups: { file: 'teams.csv', anchor: 'id' },
          memberships: { file: 'members.csv', group: 'team', member: 'person' },
        }),
      },
    },
    target: scimTarget(target.url, { patch: 'never' }),
    objects: [{ ...peopleRules, assigned } as JobInput['objects'][number]],
  });

  // What cannot be is refused where it stands, with what to do.
  await expect(installation.apply(withGroups({ groups: ['wiki', 'wikki'] }))).rejects.toThrow(
    /"path":\["objects",0,"assigned","groups",1\],"message":"the source has no group \\"wikki\\": name it by its id/,
  );
  await expect(installation.apply(withGroups({ groups: ['wiki'] }, false))).rejects.toThrow(
    /name their files in .*groups.* and .*memberships/,
  );

  await installation.apply(withGroups({ groups: ['wiki'] }));
  await installation.cycleClosed(job);
  // Every tenth is a contractor, whom the filter leaves out: both have to hold.
  const staff = all.filter((each) => Number(each.slice(1)) % 10 !== 9).map((each) => each.slice(1));
  expect(active(target)).toEqual([...staff].sort());
  const skipped = (await installation.events(job)).find((event) => is(event, RuleEvaluated) && event.data.sourceId === 'E25');
  expect(skipped?.data).toMatchObject({ reason: { text: 'not assigned to the application: in none of the groups wiki' } });

  // Nothing but a membership changes.
  join_(...all.filter((each) => each !== 'E3'), 'E25');
  const { rows } = await installation.simulate(job);
  expect(
    rows.filter(({ action }) => action === 'create' || action === 'disable').map(({ sourceId, action }) => [sourceId, action]),
  ).toEqual(
    expect.arrayContaining([
      ['E25', 'create'],
      ['E3', 'disable'],
    ]),
  );
  const { tally } = await installation.run(job);
  expect(tally).toMatchObject({ imported: 2, created: 1, disabled: 1 });
  expect(active(target)).toEqual([...staff.filter((each) => each !== '3'), '25'].sort());

  // On demand the membership of this moment counts.
  join_(...all, 'E25');
  await installation.provision(job, ['E3']);
  expect(active(target)).toContain('3');

  // Most leave the group: held, until a person has looked.
  join_('E0', 'E1', 'E25');
  const before = active(target);
  const closed = await installation.run(job);
  expect(closed.tally).toMatchObject({ held: before.length - 3, disabled: 0 });
  expect(await installation.list(job, RemovalsHeld)).toMatchObject([{ until: 'person' }]);
  expect(active(target)).toEqual(before);
  join_(...all, 'E25');
  await installation.run(job);
  expect(active(target)).toEqual(before);
  expect(checkLog(await installation.eventsAtRest(job))).toEqual([]);
  expect(installation.troubles()).toEqual([]);
});
