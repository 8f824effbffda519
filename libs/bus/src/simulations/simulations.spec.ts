import { expect, test } from '@jest/globals';

import { MemorySimulations, simulatedRow, simulationStoreContract } from '../testing/index.js';
import { chunkRows } from './chunk-rows.js';

simulationStoreContract('simulations in memory', async () => new MemorySimulations());

test('rows travel by action, in pieces that a message takes', () => {
  const many = Array.from({ length: 201 }, (_, at) => simulatedRow(String(at)));
  expect(chunkRows([...many, simulatedRow('x', 'skip')]).map(({ action, rows }) => [action, rows.length])).toEqual([
    ['create', 100],
    ['create', 100],
    ['create', 1],
    ['skip', 1],
  ]);
  const long = { changes: [{ attribute: 'note', old: null, new: 'n'.repeat(90_000) }] };
  expect(chunkRows(['a', 'b', 'c'].map((anchor) => simulatedRow(anchor, 'create', long))).map(({ rows }) => rows.length)).toEqual([2, 1]);
  expect(chunkRows([])).toEqual([]);
});

test('a row whose values alone are too large says so instead', () => {
  const huge = { changes: [{ attribute: 'note', old: null, new: 'n'.repeat(2_000_000) }] };
  const [chunk] = chunkRows([simulatedRow('a', 'create', huge)]);
  expect(chunk!.rows).toEqual([simulatedRow('a', 'create', { changes: [], valuesLeftOut: true })]);
});
