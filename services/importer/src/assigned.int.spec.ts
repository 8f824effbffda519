import { beforeEach, describe, expect, test } from '@jest/globals';
import { aJob } from '@provident/bus/testing';
import { MemoryTarget } from '@provident/connectors/testing';
import { SourceObjectImported } from '@provident/contracts';

import { demandSubject } from './on-demand/on-demand.controller.js';
import { ImporterAtWork, kim } from './testing/importer-at-work.js';
import type { MemorySource } from './testing/memory-source.js';

const attributes = [
  { target: 'userName', source: 'email', matching: 1 },
  { target: 'title', source: 'title' },
];
type Assigned = { ids?: string[]; groups?: string[]; nested?: boolean };

const importer = new ImporterAtWork(() => new MemoryTarget({ unique: [] }));
let source: MemorySource;
let target: MemoryTarget;
beforeEach(() => {
  ({ source, target } = importer);
});

/** These are assigned from now on. */
const assign = (assigned: Assigned) => importer.configure({ lanes: 2, objects: [{ type: 'user', assigned, attributes }] });

/** The job for those who are assigned, and its importer at work. */
async function begin(assigned: Assigned): Promise<void> {
  await assign(assigned);
  importer.start();
}

/** Who has an account that can be used, by anchor. */
const active = (): string[] =>
  [...target.accounts.values()]
    .filter((account) => account.active)
    .map(({ attributes }) => String(attributes['userName']).slice(1))
    .sort();
const saidIn = (cycleId: string): string[] =>
  importer
    .allOf(cycleId, SourceObjectImported)
    .map(({ sourceId, change }) => `${sourceId} ${change}`)
    .sort();

describe('members of a group that the job names', () => {
  beforeEach(async () => {
    source.put('1', '2', '3', '4');
    source.join('a', '1', '2');
    source.join('b', '4');
  });

  test('have accounts and nobody else, also where the groups themselves are not provisioned', async () => {
    await begin({ groups: ['a'] });
    await importer.cycle('c-1', 'initial');
    expect(active()).toEqual(['1', '2']);
  });

  test('who come or go are taken up by the next cycle, though no record has changed and no delta tells of them', async () => {
    await begin({ groups: ['a'] });
    await importer.cycle('c-1', 'initial');
    source.kind = 'none';
    source.leave('a', '2');
    source.join('a', '3');
    expect(await importer.cycle('c-2')).toMatchObject({ imported: 2 });
    expect(saidIn('c-2')).toEqual(['2 updated', '3 updated']);
    expect(active()).toEqual(['1', '3']);
    expect(await importer.cycle('c-3')).toMatchObject({ imported: 0 });
  });

  test('who come back have the account that they had', async () => {
    await begin({ groups: ['a'] });
    await importer.cycle('c-1', 'initial');
    source.leave('a', '2');
    await importer.cycle('c-2');
    source.join('a', '2');
    await importer.cycle('c-3');
    expect(active()).toEqual(['1', '2']);
    expect(target.accounts.size).toBe(2);
  });

  test('are found also by another importer, which knows nothing but the tables', async () => {
    await begin({ groups: ['a'] });
    await importer.cycle('c-1', 'initial');
    await importer.stop();
    importer.start();
    source.kind = 'none';
    source.leave('a', '1');
    expect(await importer.cycle('c-2')).toMatchObject({ imported: 1 });
    expect(active()).toEqual(['2']);
  });

  test('are not taken out by a reading that shows no membership at all, or has a record that nobody can use', async () => {
    await begin({ groups: ['a'] });
    await importer.cycle('c-1', 'initial');
    const { memberships } = source;
    source.memberships = [];
    expect(await importer.cycle('c-2')).toMatchObject({ imported: 0 });
    source.memberships = memberships.filter(({ member }) => member !== '2');
    source.unusableMemberships = [{ anchor: null, code: 'missing-member', message: 'names nobody', place: 'line 3' }];
    source.join('a', '3');
    await importer.cycle('c-3');
    expect(active()).toEqual(['1', '2', '3']);
    source.unusableMemberships = [];
    await importer.cycle('c-4');
    expect(active()).toEqual(['1', '3']);
  });

  test('by way of other groups count where the job says so, and a circle of groups ends', async () => {
    source.join('a', 'g1');
    source.join('g1', '3', 'g2');
    source.join('g2', 'g1');
    await begin({ groups: ['a'], nested: true });
    await importer.cycle('c-1', 'initial');
    expect(active()).toEqual(['1', '2', '3']);
    source.kind = 'none';
    source.leave('a', 'g1');
    await importer.cycle('c-2');
    expect(active()).toEqual(['1', '2']);
  });

  test('of another group that the rules name from now on are judged by the next cycle', async () => {
    await begin({ groups: ['a'] });
    await importer.cycle('c-1', 'initial');
    await assign({ groups: ['b'] });
    await importer.cycle('c-2');
    expect(active()).toEqual(['4']);
  });

  test('and those who are listed by their id are assigned alike', async () => {
    await begin({ ids: ['3'], groups: ['b'] });
    await importer.cycle('c-1', 'initial');
    expect(active()).toEqual(['3', '4']);
    await assign({ ids: ['3', '1'], groups: ['b'] });
    expect(await importer.cycle('c-2')).toMatchObject({ imported: 1 });
    expect(active()).toEqual(['1', '3', '4']);
  });

  test('are known on demand as they are at that moment', async () => {
    await begin({ groups: ['a'] });
    await importer.cycle('c-1', 'initial');
    source.join('a', '3');
    await importer.order(demandSubject(aJob), { jobId: aJob, subjects: [{ id: '3' }], by: kim });
    await importer.settled(() => active().includes('3'));
    expect(await importer.cycle('c-2')).toMatchObject({ imported: 0 });
  });
});
