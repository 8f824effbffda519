import { expect, test } from '@jest/globals';

import { awaitReports } from './await-reports.js';

/** Reports that stand at each of these positions in turn, and then at the last. Each look takes `lookMs` of the clock. */
function reports(positions: readonly number[], { head = 100, lookMs = 1_000 } = {}) {
  const written: string[] = [];
  let looks = 0;
  return {
    written,
    api: {
      health: () => Promise.resolve({ log: { head: head + looks, position: positions[Math.min(looks++, positions.length - 1)]! } }),
    },
    awaiting: {
      screen: { isTTY: false, columns: 80, write: (text: string) => void written.push(text) },
      now: () => looks * lookMs,
    },
  };
}

test('reports that know all are not waited for, and nothing is said', async () => {
  const { api, awaiting, written } = reports([100]);
  await awaitReports(api, awaiting);
  expect(written).toEqual([]);
});

test('reports that are made anew are waited for as long as they come nearer, and it is said once how far they are', async () => {
  const { api, awaiting, written } = reports([0, 20, 40, 60, 99, 100]);
  await awaitReports(api, awaiting);
  expect(written).toEqual(['Reports are being brought up to date with the log: 20 of 100 events.\n']);
});

test('what came into the log since is not waited for', async () => {
  const { api, awaiting } = reports([99, 100], { head: 100 });
  await expect(awaitReports(api, awaiting)).resolves.toBeUndefined();
});

test('reports that come no nearer are named, with what to look at', async () => {
  const { api, awaiting } = reports([7], { lookMs: 40_000 });
  await expect(awaitReports(api, awaiting)).rejects.toThrow('the reports stay at event 7 of 100: does the audit-projector run?');
});

test('reports of another log are not waited for: what to do is said at once', async () => {
  const { awaiting } = reports([7]);
  const health = () => Promise.resolve({ log: { head: 9, position: 9, wrong: 'it was replaced. Stop Provident.' } });
  await expect(awaitReports({ health }, awaiting)).rejects.toThrow('it was replaced. Stop Provident.');
});
