import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type QuirkScimServer, startQuirkScimServer } from '@provident/connectors/testing';
import { CycleClosed, CycleOpened, type DataOf, ImportCompleted, SourceObjectImported } from '@provident/contracts';
import { eventuallyHolds } from '@provident/testing';

import { Installation, type JobInput, checkLog, csvJob, earlyTests, people, peopleRules, writeCsv } from './harness/index.js';

let installation: Installation;
let target: QuirkScimServer;
const early = earlyTests();
const [rules] = [peopleRules];
const count = 40;

beforeAll(async () => {
  installation = await Installation.start();
  target = await startQuirkScimServer();
  writeCsv(join(installation.folder, 'ruled.csv'), people(count));
  early.begin();
});
afterAll(async () => {
  await installation?.stop();
  await target?.close();
});

/** What came of the rules of one revision. */
interface Applied {
  readonly opened: DataOf<typeof CycleOpened>;
  readonly completed: DataOf<typeof ImportCompleted>;
  readonly closed: DataOf<typeof CycleClosed>;
  readonly imported: DataOf<typeof SourceObjectImported>[];
  readonly writes: number;
}

/** Applies rules, for which a cycle is due at once, and waits for its end. */
async function apply(object: Partial<JobInput['objects'][number]>): Promise<Applied> {
  const writes = () => target.journal.filter(({ method }) => method !== 'GET').length;
  const before = writes();
  const known = new Set((await installation.list('ruled', CycleOpened)).map(({ cycleId }) => cycleId));
  await installation.apply(csvJob('ruled', { url: target.url, objects: [{ ...rules, ...object }] }));
  const opened = (await installation.find('ruled', CycleOpened, ({ data }) => !known.has(data.cycleId))).data;
  const closed = (await installation.find('ruled', CycleClosed, ({ data }) => data.cycleId === opened.cycleId)).data;
  const ofCycle = (each: { cycleId: string }): boolean => each.cycleId === opened.cycleId;
  const [completed] = (await installation.list('ruled', ImportCompleted)).filter(ofCycle);
  const imported = (await installation.list('ruled', SourceObjectImported)).filter(ofCycle);
  return { opened, completed: completed!, closed, imported, writes: writes() - before };
}

test('a first cycle reads everybody', async () => {
  expect(await apply({})).toMatchObject({ opened: { kind: 'initial' }, closed: { tally: { created: 36, skipped: 4 } } });
});

test('another scope touches only those who leave it or come in', async () => {
  const all = [{ attribute: 'userName', operator: 'NOT EQUALS' as const, value: 'user5@example.org' }, ...rules.scope![0]!.all];
  const { opened, completed, closed, imported, writes } = await apply({ scope: [{ name: 'staff', all }] });
  expect(opened.kind).toBe('incremental');
  expect(completed).toMatchObject({ reevaluated: count, imported: 1 });
  expect(imported.map(({ sourceId, change }) => [sourceId, change])).toEqual([['E5', 'again']]);
  expect(closed.tally).toMatchObject({ imported: 1, disabled: 1 });
  expect(writes).toBe(1);
  expect(await apply({})).toMatchObject({ completed: { reevaluated: count, imported: 1 }, closed: { tally: { updated: 1 } } });
});

test('another mapping writes that attribute, and one that means the same writes nothing and says nothing', async () => {
  const attributes = rules.attributes.map((each) => ({ ...each }));
  const shouting = attributes.map(({ source, ...each }) =>
    each.target === 'name.familyName'
      ? { ...each, expression: 'Replace([familyName], "Family 7", , , "Seven", , )' }
      : { ...each, source: source! },
  );
  const changed = await apply({ attributes: shouting });
  expect(changed.imported.map(({ sourceId }) => sourceId)).toEqual(['E7']);
  expect(changed.closed.tally).toMatchObject({ imported: 1, updated: 1 });
  const same = await apply({ attributes: [...shouting].reverse() });
  expect(same).toMatchObject({ opened: { kind: 'incremental' }, completed: { reevaluated: count, imported: 0 }, imported: [], writes: 0 });
});

test('a mapping of an attribute that was never read reads the source once more, and no more', async () => {
  const titled = { attributes: [...rules.attributes, { target: 'title', source: 'department' }] };
  // The department was read for the scope: it is known already.
  expect(await apply(titled)).toMatchObject({ completed: { imported: 36, reevaluated: count }, closed: { tally: { updated: 36 } } });
  const numbered = { attributes: [...titled.attributes, { target: 'externalId', source: 'employeeId' }] };
  const applied = await apply(numbered);
  expect(applied.opened.kind).toBe('incremental');
  expect(applied.completed.read).toBe(count);
  expect(applied.closed.tally).toMatchObject({ updated: 36, escrowed: 0 });
  const again = await installation.run('ruled');
  expect(again.tally).toMatchObject({ imported: 0 });
});

test('the log is complete', async () => {
  await eventuallyHolds(async () => expect(checkLog(await installation.events('ruled'))).toEqual([]));
  expect(installation.troubles()).toEqual([]);
});
