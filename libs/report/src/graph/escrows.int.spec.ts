import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EscrowWoken, JobDisabled, JobStateChanged, type LogEvent, RetriesOrdered } from '@provident/contracts';
import { Projector, Story, type TestReadModels, testReadModels } from '@provident/projection/testing';

import { getProvisioning, getStory, getSynchronizationJob, listAudits, listEvents, listJobChanges } from '../index.js';

const jobId = 'hr-to-wiki';
let models: TestReadModels;
let db: TestReadModels['dataSource'];
let wokenAt: string;
let whileDisabled: Awaited<ReturnType<typeof getSynchronizationJob>>;

beforeAll(async () => {
  models = await testReadModels();
  db = models.dataSource;
  const { events } = new Story()
    .configured()
    .cycle(
      ['X-1', 'X-2', 'X-3'].map((id) => ({ plot: 'joiner', id })),
      { kind: 'initial' },
    )
    .disabled()
    .aftermath();
  wokenAt = events.find(({ type }) => type === EscrowWoken.type)!.at;
  const projector = new Projector(models.connection, 'log');
  const until = events.findIndex(({ type }) => type === JobDisabled.type) + 1;
  await projector.project(events.slice(0, until));
  whileDisabled = await getSynchronizationJob(db, jobId);
  await projector.project([...events.slice(until), retriesOrdered(events)]);
}, 120_000);
afterAll(() => models?.close());

function retriesOrdered(events: readonly LogEvent[]): LogEvent {
  const disabled = events.find(({ type }) => type === JobDisabled.type)!;
  const data = { jobId, scope: { kind: 'cause', causeId: 'http-400-1abc' }, by: { kind: 'user', name: 'kim' } };
  return { ...disabled, sequence: events.length + 1, id: 'retries', type: RetriesOrdered.type, at: events.at(-1)!.at, data };
}

const audited = async (filter: string) => (await listAudits(db, { $filter: filter, $orderby: 'activityDateTime asc' })).items;
const namesIn = async (id: string) => (await getProvisioning(db, '', id)).provisioningSteps.map(({ name }) => name);

test('a job that was disabled is in quarantine, and its schedule is off', async () => {
  expect(whileDisabled).toMatchObject({
    schedule: { state: 'Disabled' },
    status: { code: 'Quarantine', quarantine: { reason: 'EncounteredEscrowProportionThreshold', seriesCount: 3 } },
  });
  expect(await getSynchronizationJob(db, jobId)).toMatchObject({
    schedule: { state: 'Active' },
    status: { code: 'Active', quarantine: null },
  });
});

test('the audit log says that it was disabled, who was told, and who has what tried again', async () => {
  expect(await audited(`activityDisplayName eq 'Disable/pause provisioning configuration'`)).toMatchObject([
    { result: 'failure', resultReason: expect.stringContaining('runs no more by itself: '), initiatedBy: { user: null } },
  ]);
  const others = await audited(`activityDisplayName eq 'Other'`);
  const said = others.map(({ resultReason }) => resultReason);
  expect(said).toEqual(
    expect.arrayContaining([
      'the notice "quarantine-entered" could not be sent by webhook: no answer',
      'the notice "quarantine-entered" was sent by webhook',
      'the notice "quarantine-entered" could not be sent by email and was given up: no such server',
      'what failed is to be tried again now: all who fail for http-400-1abc',
    ]),
  );
  const ordered = others.find(({ resultReason }) => resultReason.startsWith('what failed'));
  expect(ordered!.initiatedBy.user).toMatchObject({ displayName: 'kim' });
});

test('the provisioning log has a step for whoever is woken, and for whoever a later cycle takes up', async () => {
  expect((await namesIn('hr-to-wiki-c1-X-1')).slice(-6)).toEqual([
    'EntryExportAdd',
    'EntryEscrowAdd',
    'EntryEscrowWake',
    'EntryEscrowRetry',
    'EntryExportAdd',
    'EntryEscrowRemove',
  ]);
  expect((await namesIn('hr-to-wiki-c1-X-3')).at(-1)).toBe('EntryEscrowSupersede');
});

test('a retry is no failure, though it names the one before it', async () => {
  const audits = await audited(`activityDisplayName eq 'Process escrow'`);
  const codes = audits.map(({ result, additionalDetails }) => {
    const detail = (key: string) => additionalDetails.find((each) => each.key === key)?.value;
    return [detail('EventName'), result, detail('ErrorCode')];
  });
  expect(codes).toContainEqual(['EntryEscrowWake', 'success', 'None']);
  expect(codes).toContainEqual(['EntryEscrowRetry', 'success', 'None']);
  expect(codes).toContainEqual(['EntryEscrowRemove', 'failure', 'InvalidValue']);
});

test('who is woken or taken up again is still in escrow; who was given up is not', async () => {
  const isInEscrow = async (value: string, at: string | null = null) =>
    (await getStory(db, { value, at })).objects.map((each) => each.isInEscrow);
  expect([await isInEscrow('X-1', wokenAt), await isInEscrow('X-3')]).toEqual([[true], [true]]);
  expect(await isInEscrow('X-1')).toEqual([false]);
});

test('what was done to the job tells of the order, and of the end of its patience', async () => {
  const { changes } = await listJobChanges(db, { jobId, limit: 20 });
  expect(changes.map(({ type }) => type)).toEqual(expect.arrayContaining([RetriesOrdered.type, JobDisabled.type]));
});

test('a job that was stopped is paused in the words of Graph', async () => {
  const { sequence, ...last } = (await listEvents(db, { after: 0, limit: 1_000 })).at(-1)!;
  const by = { kind: 'user', name: 'kim' };
  const stopped = { ...last, sequence: sequence + 1, id: 'stopped', type: JobStateChanged.type, data: { jobId, state: 'stopped', by } };
  await new Projector(models.connection, 'log').project([{ ...stopped, cause: 0, position: 0 } as unknown as LogEvent]);
  expect(await getSynchronizationJob(db, jobId)).toMatchObject({ schedule: { state: 'Paused' }, status: { code: 'Paused' } });
});
