import { randomBytes } from 'node:crypto';

import { describe, expect, test } from '@jest/globals';
import { type SealClass, textOf } from '@provident/domain';
import { sealWith } from '@provident/service-kit';
import { type NoKey, PersonKey } from '@provident/vault';
import * as fc from 'fast-check';

import { openItems, openText } from './unsealing.js';

const keys: Readonly<Record<string, PersonKey | NoKey>> = {
  aaaaaaaaaaaaaaaa: new PersonKey('aaaaaaaaaaaaaaaa', randomBytes(32)),
  eeeeeeeeeeeeeeee: 'erased',
};
const people = { forOpening: async (ids: Iterable<string>) => new Map([...ids].map((id) => [id, keys[id] ?? 'lost'])) };
const sealed = (value: unknown, sealClass: SealClass = 'p'): string => sealWith(keys['aaaaaaaaaaaaaaaa'] as PersonKey)(value, sealClass);
const under = (id: string): string => sealWith(new PersonKey(id, randomBytes(32)))('x', 'p');

let told = 0;
const open = async (data: unknown, reveals = false): Promise<unknown> =>
  JSON.parse(await openText(JSON.stringify(data), people, reveals ? async () => void told++ : null));

describe('in an answer', () => {
  test('a value has its own kind again, and a text made of it stays one, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.constantFrom('', 'so ', 'title '), async (value, beside) => {
        const text = textOf(value as never);
        const answer = { value: sealed(value), text: textOf(sealed(value)), sentence: `${beside}"${sealed(value)}" → nothing` };
        expect(await open(answer)).toEqual({ value: JSON.parse(JSON.stringify(value)), text, sentence: `${beside}"${text}" → nothing` });
      }),
    );
  });

  test('JSON that stands in a text stays JSON', async () => {
    const value = 'a "quoted"\n\\ one';
    const { json } = (await open({ json: JSON.stringify({ old: sealed(value) }) })) as { json: string };
    expect(JSON.parse(json)).toEqual({ old: value });
  });

  test('what was erased, and whose key is missing, says so', async () => {
    expect(await open({ one: under('eeeeeeeeeeeeeeee'), other: under('llllllllllllllll') })).toEqual({
      one: '(erased)',
      other: '(key missing)',
    });
  });

  test('a sensitive value is shown to whoever asks for it and may, and that is told; also one within a sealed text', async () => {
    const answer = { number: sealed('123-45', 's'), said: sealed(`number ${sealed('123-45', 's')} is taken`), name: sealed('Rita') };
    expect(await open(answer)).toEqual({ number: '(sealed)', said: 'number (sealed) is taken', name: 'Rita' });
    told = 0;
    expect(await open(answer, true)).toEqual({ number: '123-45', said: 'number 123-45 is taken', name: 'Rita' });
    expect(told).toBe(1);
    await open({ name: sealed('Rita') }, true);
    expect(told).toBe(1);
  });

  test('what only looks sealed is no way in', async () => {
    expect(await open({ value: `{sealed:p:aaaaaaaaaaaaaaaa:${Buffer.alloc(40).toString('base64url')}}` })).toEqual({
      value: '(key missing)',
    });
  });
});

test('what is no JSON is opened before it is written', async () => {
  expect(await openItems([{ name: sealed('a,"b"') }], people)).toEqual([{ name: 'a,"b"' }]);
});
