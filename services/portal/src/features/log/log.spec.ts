import { expect, test } from '@jest/globals';
import type { LogEntryView } from '@provident/contracts/http';

import { allColumns, columns, idBeneath, inFile, isColumnChoice, moved, usualColumns } from './columns.js';
import { blobOf, csvFile, jsonFile } from './log-file.js';
import { withNewest } from './newest.js';

async function* of<Item>(...items: Item[]): AsyncGenerator<Item> {
  yield* items;
}

test('CSV keeps commas, quotes and line breaks, and hands no formula to a spreadsheet', async () => {
  const named = (...names: string[]): LogEntryView[] => names.map((displayName) => ({ displayName }) as LogEntryView);
  const file = csvFile(['a', 'b'], ({ displayName }) => (displayName ?? '').split('|'));
  const blob = await blobOf(of(named('x,"y"|=1+1'), named('two\nlines|-5')), file, () => undefined);
  expect(await blob.text()).toBe('a,b\r\n"x,""y""",\'=1+1\r\n"two\nlines",\'-5\r\n');
});

test.each([0, 1, 3, 40])(
  'a JSON file of entries that come in %i pieces is one array with all of them, and tells how many',
  async (count) => {
    const pieces = Array.from({ length: count }, (_, n) => [entry(`a-${n}`), entry(`b-${n}`, '\u2028 '.repeat(100_000))]);
    let told = 0;
    const blob = await blobOf(of(...pieces), jsonFile, (written) => (told = written));
    expect(JSON.parse(await blob.text())).toEqual(pieces.flat());
    expect(told).toBe(2 * count);
  },
);

test('a column moves by one place and not over the edge', () => {
  expect(moved(['a', 'b', 'c'], 'b', -1)).toEqual(['b', 'a', 'c']);
  expect(moved(['a', 'b', 'c'], 'c', 1)).toEqual(['a', 'b', 'c']);
});

test('the usual columns fit beside the navigation of a window of 1280 pixels', () => {
  expect(usualColumns.reduce((sum, id) => sum + columns[id].least, 0)).toBeLessThanOrEqual(980);
});

test('an id without a column of its own stands beneath the name, and has a column in a file', () => {
  const zoe = { displayName: 'Zoë', matchingValue: 'zoe@example.com', sourceId: '1002' } as LogEntryView;
  expect([idBeneath(zoe, ['name']), idBeneath(zoe, ['name', 'sourceId'])]).toEqual(['1002', null]);
  expect(idBeneath({ ...zoe, displayName: null, matchingValue: null }, ['name'])).toBeNull();
  expect(inFile(['at', 'name', 'status'])).toEqual(['at', 'name', 'sourceId', 'status']);
  expect(inFile(['sourceId', 'name'])).toEqual(['sourceId', 'name']);
  expect(inFile(['at', 'status'])).toEqual(['at', 'status']);
});

test('a remembered choice of columns that this version does not know is forgotten', () => {
  expect(isColumnChoice(usualColumns)).toBe(true);
  expect(isColumnChoice([...allColumns, 'colour'])).toBe(false);
  expect(isColumnChoice([])).toBe(false);
  expect(isColumnChoice({ at: true })).toBe(false);
});

const entry = (changeId: string, at = '1'): LogEntryView => ({ changeId, at }) as LogEntryView;
const page = (...entries: LogEntryView[]) => ({ entries, next: null });

test('what is new stands on top, and what has moved there is not shown twice', () => {
  const merged = withNewest([page(entry('b'), entry('a')), page(entry('z'))], page(entry('c'), entry('a', '2'), entry('b')));
  expect(merged?.map(({ entries }) => entries.map(({ changeId, at }) => changeId + at))).toEqual([['c1', 'a2', 'b1'], ['z1']]);
});

test('news that do not reach what is known leave a gap, which is told', () => {
  const more = { next: 'more' };
  expect(withNewest([page(entry('a'))], { entries: [entry('x'), entry('y')], ...more })).toBeNull();
  expect(withNewest([page(entry('a'))], { entries: [entry('x'), entry('a', '2')], ...more })).toBeNull();
  expect(withNewest([page(entry('a'))], { entries: [entry('x'), entry('a')], ...more })).toHaveLength(1);
  expect(withNewest([page()], page(entry('x')))?.[0]?.entries).toHaveLength(1);
});
