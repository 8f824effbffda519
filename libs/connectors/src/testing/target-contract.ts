import type * as Jest from '@jest/globals';
import { type AttributeBag, type AttributeChange, type AttributeValue, objectKeyOf } from '@provident/domain';

import type { TargetConnector, TargetObject } from '../connector.js';
import type { ConnectorErrorKind } from '../connector-error.js';

/** A running target system and what the suite must know of it. */
export interface ContractTarget {
  readonly connector: TargetConnector;
  readonly objectType: string;
  /** Attribute whose value is unique and that accounts are looked up by. */
  readonly unique: string;
  /** Attribute that accounts can be looked up by and that several may share. */
  readonly shared: string;
  /** Attribute that takes any text and may be empty. */
  readonly text: string;
  /** Optional: further attributes with two values each that must survive being written, changed and cleared. */
  readonly others?: Readonly<Record<string, readonly [AttributeValue, AttributeValue]>>;
  /** Optional: the groups of the target. */
  readonly groups?: ContractGroups;
  /** Everything that a new account needs besides `shared` and `text`; `unique` is the key as it is. */
  person(key: string): AttributeBag;
  close(): Promise<void>;
}

/** Groups of a target, and what the suite must know of them. */
export interface ContractGroups {
  readonly objectType: string;
  /** Attribute whose value is unique and that groups are looked up by. */
  readonly unique: string;
  /** Ids of those who are in a group, as the target itself has them. */
  membersOf(id: string): readonly string[];
}

const awkward = [
  "o'brien",
  'a"quote',
  'back\\slash',
  'plus+sign&more',
  'größe ñandú',
  '李小龙',
  'emoji😀',
  'per%25cent',
  'br(ack)et[s]*',
  'a,b=c;d<e>',
  'space in the middle',
  '#hash?question/slash',
];

const idsOf = (objects: readonly TargetObject[]) => objects.map(({ id }) => id).sort();

const change = (attribute: string, old: AttributeValue, next: AttributeValue): AttributeChange => ({ attribute, old, new: next });

/** What every target connector must do. Runs inside jest; `start` is called once and finds an empty target. */
export function targetConnectorContract(name: string, start: () => Promise<ContractTarget>): void {
  // Taken from the running jest: the import would fail wherever else this library's testing entry is loaded.
  const { afterAll, beforeAll, describe, expect, test } = globalThis as unknown as typeof Jest;

  describe(`${name} as a target`, () => {
    const signal = new AbortController().signal;
    let target: ContractTarget;
    let connector: TargetConnector;
    let type: string;
    beforeAll(async () => {
      target = await start();
      ({ connector, objectType: type } = target);
    }, 60_000);
    afterAll(async () => {
      await connector?.close();
      await target?.close();
    });

    const create = async (key: string, more: AttributeBag = {}) =>
      (await connector.create(type, { ...target.person(key), ...more }, signal)).id;
    const find = (attribute: string, value: AttributeValue) =>
      connector.find({ objectType: type, attribute, value }, [target.unique, target.text], signal);
    const read = (id: string, ...attributes: string[]) => connector.read(type, id, attributes, signal);
    // oxlint-disable-next-line consistent-function-scoping -- expect is known only inside
    const failure = (kind: ConnectorErrorKind) =>
      expect.objectContaining({ facts: expect.objectContaining({ kind, message: expect.stringMatching(/\w+/) }) });

    test('says what it can do and what accounts look like', async () => {
      const abilities = await connector.abilities(signal);
      expect(abilities.concurrency).toBeGreaterThan(0);
      expect(abilities.listPageSize).toBeGreaterThan(0);
      const { name: title, objectTypes } = await connector.describe(signal);
      expect(title).not.toBe('');
      const description = objectTypes.find((candidate) => candidate.name === type)!;
      expect(description.attributes.map((attribute) => attribute.name.toLowerCase())).toContain(target.unique.toLowerCase());
    });

    test('finds none, one and several', async () => {
      await expect(find(target.unique, 'nobody')).resolves.toEqual([]);
      const one = await create('find.one', { [target.shared]: 'shared@find.test' });
      await expect(find(target.unique, 'find.one')).resolves.toMatchObject([
        { id: one, attributes: { [target.unique]: 'find.one' }, state: 'active' },
      ]);
      const two = await create('find.two', { [target.shared]: 'shared@find.test' });
      expect(idsOf(await find(target.shared, 'shared@find.test'))).toEqual([one, two].sort());
    });

    test('finds and reads back awkward values, and finds them only', async () => {
      const ids = new Map<string, string>();
      for (const value of awkward) ids.set(value, await create(`awkward ${value}`, { [target.text]: value }));
      for (const value of awkward) {
        await expect(find(target.unique, `awkward ${value}`)).resolves.toMatchObject([
          { id: ids.get(value), attributes: { [target.text]: value } },
        ]);
      }
      await expect(find(target.unique, 'awkward *')).resolves.toEqual([]);
      await expect(find(target.unique, 'awkward " or "" eq "')).resolves.toEqual([]);
    });

    test('creates with all values and reads only the asked ones that have a value', async () => {
      const others = Object.fromEntries(Object.entries(target.others ?? {}).map(([path, [value]]) => [path, value]));
      const id = await create('create.full', { [target.text]: 'Engineer', ...others });
      const object = await read(id, target.unique, target.text, ...Object.keys(others));
      expect(object).toEqual({ id, state: 'active', attributes: { [target.unique]: 'create.full', [target.text]: 'Engineer', ...others } });
      const bare = await create('create.bare');
      expect(await read(bare, target.text)).toEqual({ id: bare, state: 'active', attributes: {} });
    });

    test('says conflict when a unique value is taken', async () => {
      await create('taken');
      await expect(create('taken')).rejects.toEqual(failure('conflict'));
    });

    test('writes only what differs', async () => {
      const id = await create('update', { [target.text]: 'Engineer', [target.shared]: 'update@x.test' });
      await connector.update(type, id, [change(target.text, 'Engineer', 'Head of "R&D" \\ Lab')], signal);
      expect((await read(id, target.text, target.shared))?.attributes).toEqual({
        [target.text]: 'Head of "R&D" \\ Lab',
        [target.shared]: 'update@x.test',
      });
    });

    test('fills, changes and clears every kind of attribute', async () => {
      const id = await create('fill');
      for (const [path, [first, second]] of Object.entries({
        [target.text]: ['a', 'b'] as const,
        [target.shared]: ['a@x.test', 'b@x.test'] as const,
        ...target.others,
      })) {
        for (const [old, next] of [
          [null, first],
          [first, second],
          [second, null],
          [null, first],
        ] as const) {
          await connector.update(type, id, [change(path, old, next)], signal);
          expect((await read(id, path))?.attributes).toEqual(next === null ? {} : { [path]: next });
        }
      }
    });

    test('makes several changes at once, and the same changes twice come to the same', async () => {
      const id = await create('several');
      const paths = Object.entries({ [target.text]: ['a', 'b'] as const, ...target.others });
      const changes = paths.map(([path, [value]]) => change(path, null, value));
      const wanted = Object.fromEntries(paths.map(([path, [value]]) => [path, value]));
      for (let round = 0; round < 2; round += 1) {
        await connector.update(type, id, changes, signal);
        expect((await read(id, ...paths.map(([path]) => path)))?.attributes).toEqual(wanted);
      }
      const cleared = paths.map(([path, [value]]) => change(path, value, null));
      await connector.update(type, id, cleared, signal);
      expect((await read(id, ...paths.map(([path]) => path)))?.attributes).toEqual({});
    });

    test('disables and enables, and keeps the values', async () => {
      const id = await create('toggle', { [target.text]: 'kept' });
      if (!(await connector.abilities(signal)).disable) return;
      for (const active of [false, false, true, true]) {
        await connector.setActive(type, id, active, signal);
        expect(await read(id, target.text)).toEqual({ id, state: active ? 'active' : 'disabled', attributes: { [target.text]: 'kept' } });
      }
    });

    test('removes, and removing again is no error', async () => {
      const id = await create('remove');
      await connector.remove(type, id, signal);
      await connector.remove(type, id, signal);
      await expect(read(id)).resolves.toBeNull();
      await expect(find(target.unique, 'remove')).resolves.toEqual([]);
    });

    test('says gone when what it should change is not there', async () => {
      const id = await create('vanish');
      await connector.remove(type, id, signal);
      await expect(connector.update(type, id, [change(target.text, null, 'x')], signal)).rejects.toEqual(failure('gone'));
      await expect(connector.update(type, id, [change(target.shared, null, 'x@x.test')], signal)).rejects.toEqual(failure('gone'));
      if ((await connector.abilities(signal)).disable)
        await expect(connector.setActive(type, id, false, signal)).rejects.toEqual(failure('gone'));
    });

    test('lists every account once, page by page, and counts them', async () => {
      const { list, listPageSize } = await connector.abilities(signal);
      if (!list) return;
      for (let made = 0; made < listPageSize * 2 + 1 && made < 50; made += 1) await create(`list.${made}`, { [target.text]: `n${made}` });
      const seen = new Map<string, AttributeBag>();
      let pages = 0;
      for (let from: string | null = null; pages === 0 || from !== null; pages += 1) {
        const page = await connector.list(type, [target.unique, target.text], from, signal);
        for (const object of page.objects) seen.set(object.id, object.attributes);
        from = page.next;
      }
      expect([...seen.values()].filter((bag) => /^list\.\d+$/.test(String(bag[target.unique])))).toHaveLength(
        Math.min(listPageSize * 2 + 1, 50),
      );
      expect(seen.values()).toContainEqual({ [target.unique]: 'list.3', [target.text]: 'n3' });
      const count = await connector.count(type, signal);
      if (count !== null) expect(count).toBe(seen.size);
    });

    describe('groups', () => {
      let groups: ContractGroups | undefined;
      let some: string[];
      beforeAll(async () => {
        ({ groups } = target);
        some = [];
        for (let made = 0; groups && made < 5; made += 1) some.push(await create(`member.${made}`));
      });
      const found = (name: string) =>
        connector.find({ objectType: groups!.objectType, attribute: groups!.unique, value: name }, [groups!.unique], signal);
      const createGroup = async (name: string): Promise<string> =>
        (await connector.create(groups!.objectType, { [groups!.unique]: name }, signal)).id;
      const member = (id: string) => ({ key: objectKeyOf('user', id), id });
      const changeMembers = (id: string, add: readonly string[], remove: readonly string[] = []) =>
        connector.changeMembers(groups!.objectType, id, { add: add.map(member), remove: remove.map(member) }, signal);
      const membersOf = (id: string): string[] => [...groups!.membersOf(id)].sort();
      const sorted = (...at: readonly number[]): string[] => at.map((each) => some[each]!).sort();

      test('are described, created, found, renamed, listed and removed', async () => {
        if (!groups) return;
        const { objectTypes } = await connector.describe(signal);
        const names = objectTypes.find(({ name: each }) => each === groups!.objectType)?.attributes.map((attribute) => attribute.name);
        expect(names).toContain(groups.unique);
        const id = await createGroup('Finance & "Co"');
        expect(await found('Finance & "Co"')).toEqual([{ id, attributes: { [groups.unique]: 'Finance & "Co"' }, state: 'unknown' }]);
        await connector.update(groups.objectType, id, [change(groups.unique, 'Finance & "Co"', 'Money')], signal);
        expect(await connector.read(groups.objectType, id, [groups.unique], signal)).toMatchObject({
          attributes: { [groups.unique]: 'Money' },
        });
        expect(idsOf((await connector.list(groups.objectType, [], null, signal)).objects)).toContain(id);
        await connector.remove(groups.objectType, id, signal);
        expect(await found('Money')).toEqual([]);
      });

      test('gain and lose members, and keep the others', async () => {
        if (!groups) return;
        const id = await createGroup('members');
        await changeMembers(id, [some[0]!, some[1]!, some[2]!]);
        expect(membersOf(id)).toEqual(sorted(0, 1, 2));
        await changeMembers(id, [some[3]!], [some[0]!, some[2]!]);
        expect(membersOf(id)).toEqual(sorted(1, 3));
        expect([...(await connector.members(groups.objectType, id, signal))!].sort()).toEqual(sorted(1, 3));
        await changeMembers(id, [], [some[1]!, some[3]!]);
        expect(membersOf(id)).toEqual([]);
        expect(await connector.members(groups.objectType, id, signal)).toEqual([]);
      });

      test('keep their members when they are renamed', async () => {
        if (!groups) return;
        const id = await createGroup('before');
        await changeMembers(id, [some[0]!, some[1]!]);
        await connector.update(groups.objectType, id, [change(groups.unique, 'before', 'after')], signal);
        expect(membersOf(id)).toEqual(sorted(0, 1));
      });

      test('take somebody who is a member already, and let go who is none', async () => {
        if (!groups) return;
        const id = await createGroup('again');
        for (let round = 0; round < 2; round += 1) {
          await changeMembers(id, [some[0]!, some[1]!], [some[2]!]);
          expect(membersOf(id)).toEqual(sorted(0, 1));
        }
        await changeMembers(id, [], sorted(0, 2, 3, 4));
        expect(membersOf(id)).toEqual(sorted(1));
      });

      test('that are gone say so', async () => {
        if (!groups) return;
        const id = await createGroup('vanishing');
        await connector.remove(groups.objectType, id, signal);
        await expect(changeMembers(id, [some[0]!])).rejects.toEqual(failure('gone'));
        await expect(changeMembers(id, [], [some[0]!])).rejects.toEqual(failure('gone'));
        expect(await connector.members(groups.objectType, id, signal)).toBeNull();
      });
    });
  });
}
