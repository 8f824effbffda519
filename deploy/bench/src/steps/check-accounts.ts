import { isDeepStrictEqual } from 'node:util';

import type { Account } from './target.js';

const told = 5;

/** What the target holds that it should not, the other way round, or otherwise: the first few, in sentences. */
export function checkAccounts(held: readonly Account[], expected: readonly Account[]): string[] {
  const problems: string[] = [];
  if (held.length !== expected.length) problems.push(`the target holds ${held.length} accounts, not ${expected.length}`);
  const wanted = new Map(expected.map((account) => [account['userName'], account]));
  for (const { id: _id, ...account } of held) {
    const name = account['userName'];
    const want = wanted.get(name);
    if (!want) problems.push(`the target holds ${String(name)}, who should not be there, or is there twice`);
    else if (!isDeepStrictEqual(account, want))
      problems.push(`the account of ${String(name)} is ${JSON.stringify(account)} instead of ${JSON.stringify(want)}`);
    wanted.delete(name);
  }
  for (const name of wanted.keys()) problems.push(`the target lacks ${String(name)}`);
  return problems.length > told ? [...problems.slice(0, told), `… and ${problems.length - told} more`] : problems;
}
