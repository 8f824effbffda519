import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Said } from '@provident/bus';
import { objectFacts } from '@provident/bus/testing';
import { ConnectorError, type ConnectorErrorKind, type TargetObject } from '@provident/connectors';
import { type DataOf, ObjectImportFailed, SourceObjectImported, TargetObjectImported } from '@provident/contracts';
import { type ObjectKey, objectKeyOf } from '@provident/domain';
import { objectMapping } from '@provident/domain/testing';

import { personOf as someone } from '../testing/memory-source.js';
import type { Accounts } from './accounts.js';
import { type Associations, type Candidate, importObjects, needsTarget } from './import-objects.js';

const personOf: typeof someone = (anchor, more) => someone(anchor, { kind: 'staff', status: 'active', ...more });

const mapping = objectMapping({
  attributes: [
    { target: 'userName', source: 'email', matching: 1 },
    { target: 'employeeNumber', source: 'id', matching: 2 },
  ],
  scope: [{ name: 'not the guests', all: [{ attribute: 'kind', operator: 'EQUALS', value: 'staff' }] }],
  active: { attribute: 'status', operator: 'EQUALS', value: 'active' },
});

/** Accounts by id, found by the attributes that they have. */
class FakeAccounts implements Accounts {
  readonly accounts: TargetObject[] = [];
  readonly asked: string[] = [];
  failing: { on: string; kind: ConnectorErrorKind; message?: string } | null = null;

  put(id: string, attributes: TargetObject['attributes']): void {
    this.accounts.push({ id, attributes, state: 'active' });
  }

  async byId(id: string): Promise<TargetObject | null> {
    this.ask(id);
    return this.accounts.find((account) => account.id === id) ?? null;
  }

  async byKey({ attribute, value }: { attribute: string; value: unknown }): Promise<readonly TargetObject[]> {
    this.ask(`${attribute}=${String(value)}`);
    return this.accounts.filter((account) => account.attributes[attribute] === value);
  }

  private ask(what: string): void {
    this.asked.push(what);
    if (this.failing?.on === what)
      throw new ConnectorError({ kind: this.failing.kind, code: 'test', message: this.failing.message ?? 'no' });
  }
}

let accounts: FakeAccounts;
let owners: Map<string, ObjectKey>;
let associations: Map<ObjectKey, Associations>;
beforeEach(() => {
  accounts = new FakeAccounts();
  owners = new Map();
  associations = new Map();
});

const candidate = (anchor: string, more: Partial<Candidate> = {}): Candidate => ({
  facts: objectFacts(anchor),
  sourceId: anchor,
  change: 'added',
  attributes: personOf(anchor),
  linkedId: null,
  ...more,
});
const run = (...candidates: Candidate[]) =>
  importObjects(candidates, {
    mapping,
    accounts,
    findOwners: async (_type, ids) => new Map([...owners].filter(([id]) => ids.includes(id))),
    findAssociations: async () => associations,
    basis: 42,
  });
const one = async (each: Candidate): Promise<Said[]> => (await run(each))[0]!;
const target = ([, half]: Said[]) => half?.data as DataOf<typeof TargetObjectImported>;
const failure = ([, half]: Said[]) =>
  half?.definition.type === ObjectImportFailed.type ? (half.data as DataOf<typeof ObjectImportFailed>).failure : null;

describe('whether the target is asked', () => {
  test.each<[string, Partial<Candidate>, boolean]>([
    ['a person in scope', {}, true],
    ['a person out of scope', { attributes: personOf('1', { kind: 'guest' }) }, false],
    ['a person who is not active', { attributes: personOf('1', { status: 'left' }) }, false],
    ['a person who is gone and never had an account', { change: 'deleted' }, false],
    ['a person out of scope with an account', { attributes: personOf('1', { kind: 'guest' }), linkedId: 't-1' }, true],
    ['a person who is gone, with an account', { change: 'deleted', linkedId: 't-1' }, true],
  ])('for %s', async (_, more, asked) => {
    expect(needsTarget(candidate('1', more), mapping)).toBe(asked);
    const said = await one(candidate('1', more));
    expect(said.map(({ definition }) => definition.type)).toEqual(
      asked ? [SourceObjectImported.type, TargetObjectImported.type] : [SourceObjectImported.type],
    );
    expect((said[0]!.data as DataOf<typeof SourceObjectImported>).targetFollows).toBe(asked);
    expect(accounts.asked.length > 0).toBe(asked);
  });
});

describe('an account', () => {
  test('is looked for by matching attributes in their order, up to the first that finds something', async () => {
    accounts.put('t-1', { employeeNumber: '1' });
    expect(target(await one(candidate('1')))).toMatchObject({
      by: 'matching',
      linkedId: null,
      basis: 42,
      tried: [
        { attribute: 'userName', value: 'p1', found: 0 },
        { attribute: 'employeeNumber', value: '1', found: 1 },
      ],
      matches: [{ id: 't-1' }],
    });
    accounts.put('t-2', { userName: 'p1' });
    expect(target(await one(candidate('1'))).matches).toMatchObject([{ id: 't-2' }]);
    expect(accounts.asked).toEqual(['userName=p1', 'employeeNumber=1', 'userName=p1']);
  });

  test('that nothing finds is told with all that was tried', async () => {
    expect(target(await one(candidate('1')))).toMatchObject({ by: 'none', matches: [], tried: [{ found: 0 }, { found: 0 }] });
  });

  test('of which there are several is told with all of them', async () => {
    accounts.put('t-1', { userName: 'p1' });
    accounts.put('t-2', { userName: 'p1' });
    expect(target(await one(candidate('1')))).toMatchObject({ by: 'matching', matches: [{ id: 't-1' }, { id: 't-2' }] });
  });

  test('behind a link wins over any that matches', async () => {
    accounts.put('t-1', { userName: 'p1' });
    accounts.put('t-7', { userName: 'renamed' });
    expect(target(await one(candidate('1', { linkedId: 't-7' })))).toMatchObject({
      by: 'link',
      linkedId: 't-7',
      matches: [{ id: 't-7' }],
      tried: [],
    });
    expect(accounts.asked).toEqual(['t-7']);
  });

  test('behind a link that is gone is told as gone, and nothing else is looked for', async () => {
    accounts.put('t-1', { userName: 'p1' });
    expect(target(await one(candidate('1', { linkedId: 't-7' })))).toMatchObject({ by: 'link', linkedId: 't-7', matches: [] });
  });

  test('of a person without any matching value is not looked for', async () => {
    expect(target(await one(candidate('1', { attributes: { id: '', email: '', kind: 'staff', status: 'active' } })))).toMatchObject({
      by: 'none',
      tried: [],
      matches: [],
    });
    expect(accounts.asked).toEqual([]);
  });
});

describe('an account that belongs to somebody', () => {
  beforeEach(() => accounts.put('t-1', { userName: 'shared' }));
  const sharing = (anchor: string, more: Partial<Candidate> = {}) =>
    candidate(anchor, { attributes: personOf(anchor, { email: 'shared' }), ...more });

  test('is refused to whoever matches it too, with both names', async () => {
    owners.set('t-1', objectKeyOf('user', '9'));
    expect(failure(await one(sharing('1')))).toEqual({
      kind: 'ambiguous-match',
      code: 'duplicate-source-entries',
      message: expect.stringMatching(/t-1 belongs to user:9 already, and user:1 matches it too/),
    });
  });

  test('is not refused to its owner', async () => {
    owners.set('t-1', objectKeyOf('user', '1'));
    expect(target(await one(sharing('1'))).matches).toMatchObject([{ id: 't-1' }]);
  });

  test('goes to the first of two who come together', async () => {
    const [first, second] = await run(sharing('1'), sharing('2'));
    expect([failure(first!), failure(second!)?.message]).toEqual([null, expect.stringMatching(/user:1.*user:2/)]);
  });

  test('is read by whoever is linked to it, whatever the others match', async () => {
    owners.set('t-1', objectKeyOf('user', '9'));
    expect(target(await one(sharing('9', { linkedId: 't-1' })))).toMatchObject({ by: 'link', matches: [{ id: 't-1' }] });
  });
});

describe('a look-up that fails', () => {
  test.each<ConnectorErrorKind>(['unavailable', 'rejected', 'forbidden', 'throttled', 'conflict'])(
    'because it is %s fails that one person',
    async (kind) => {
      accounts.failing = { on: 'userName=p1', kind };
      const [first, second] = await run(candidate('1'), candidate('2'));
      expect([failure(first!)?.kind, target(second!).by]).toEqual([kind, 'none']);
      expect(first!.map(({ definition }) => definition.type)).toEqual([SourceObjectImported.type, ObjectImportFailed.type]);
    },
  );

  test.each<[ConnectorErrorKind, string]>([
    ['unauthorized', 'no'],
    ['protocol', 'no'],
    ['misconfigured', 'no'],
    ['unavailable', 'not tried, because the target failed moments ago'],
  ])('because it is %s (%s) stops the whole import', async (kind, message) => {
    accounts.failing = { on: 'userName=p1', kind, message };
    await expect(run(candidate('1'), candidate('2'))).rejects.toMatchObject({ kind });
  });

  test('with a bug stops the whole import', async () => {
    accounts.byKey = () => Promise.reject(new TypeError('a bug'));
    await expect(run(candidate('1'))).rejects.toThrow('a bug');
  });
});

test('both halves carry the same facts, and ids of their own', async () => {
  const facts = objectFacts('1', { attempt: 2, round: 1 });
  const said = await one(candidate('1', { facts }));
  expect(said.map(({ id }) => id)).toEqual([`${facts.changeId}.source.2.1`, `${facts.changeId}.target.2.1`]);
  for (const { data, about } of said) expect([data, about]).toEqual([expect.objectContaining(facts), facts.objectKey]);
});

test('what an object has to do with the accounts of others stands in its target half', async () => {
  const references = [{ attribute: 'manager', to: objectKeyOf('user', '2'), state: 'waiting' as const, id: null }];
  associations.set(objectKeyOf('user', '1'), { references });
  expect(target(await one(candidate('1'))).references).toEqual(references);
  expect(target(await one(candidate('2'))).references).toBeUndefined();
});
