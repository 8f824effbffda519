import { describe, expect, test } from '@jest/globals';
import { type AttributeBag, objectKeyOf } from '@provident/domain';
import fc from 'fast-check';

import { contentHash } from '../state/content-hash.js';
import { changeIdOf } from './change-id.js';
import { paysToList } from './listed-accounts.js';

describe('the name of a change', () => {
  const jane = objectKeyOf('user', 'jane');

  test('is the same for the same cycle and object, and has the form of a UUID', () => {
    expect(changeIdOf('c-1', jane)).toBe(changeIdOf('c-1', jane));
    expect(changeIdOf('c-1', jane)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('is another for another cycle or object', () => {
    const names = ['c-1', 'c-2'].flatMap((cycleId) =>
      ['jane', 'john', 'jane '].map((anchor) => changeIdOf(cycleId, objectKeyOf('user', anchor))),
    );
    expect(new Set(names).size).toBe(6);
  });
});

describe('the hash of an object', () => {
  test('does not depend on the order of its attributes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (bag) => {
        const turned = Object.fromEntries(Object.entries(bag).reverse()) as AttributeBag;
        expect(contentHash(turned)).toBe(contentHash(bag as AttributeBag));
      }),
    );
  });

  test.each<[string, AttributeBag, AttributeBag]>([
    ['absent from null', {}, { a: null }],
    ['text from a number', { a: '1' }, { a: 1 }],
    ['empty from null', { a: '' }, { a: null }],
    ['names from values', { a: 'b' }, { b: 'a' }],
    ['one list from another', { a: ['b', 'c'] }, { a: ['c', 'b'] }],
    ['a list from its text', { a: ['b', 'c'] }, { a: 'b,c' }],
    ['where one value ends and the next begins', { a: 'bc', d: '' }, { a: 'b', d: 'c' }],
  ])('tells %s', (_, one, other) => expect(contentHash(one)).not.toBe(contentHash(other)));
});

describe('reading the whole target', () => {
  test.each([
    ['an empty target', { accounts: 0, pageSize: 100, objects: 1 }, true],
    ['one person and many accounts', { accounts: 10_000, pageSize: 100, objects: 1 }, false],
    ['as many requests as people', { accounts: 900, pageSize: 100, objects: 10 }, true],
    ['one request more than people', { accounts: 901, pageSize: 100, objects: 10 }, false],
    ['a million of both', { accounts: 1_000_000, pageSize: 100, objects: 1_000_000 }, true],
    ['a source that does not tell its size, and an ordinary target', { accounts: 100_000, pageSize: 100, objects: null }, true],
    ['a source that does not tell its size, and a huge target', { accounts: 1_000_000, pageSize: 100, objects: null }, false],
    ['no people', { accounts: 5, pageSize: 100, objects: 0 }, false],
  ])('with %s: %j pays: %s', (_, sizes, pays) => expect(paysToList(sizes)).toBe(pays));
});
