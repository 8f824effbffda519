import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type TempFolder, tempFolder } from '@provident/testing';

import { ApiClient } from '../api-client.js';
import { parseJobFile } from '../job-file/read-job-file.js';
import { findRunFile, isRunning, removeRunFile, writeRunFile } from '../run-file.js';
import { type FakeApi, startFakeApi } from '../testing/fake-api.js';
import { PaperScreen } from '../testing/fake-cli.js';
import { cycleView, healthView, jobStatusView } from '../testing/views.js';
import { applyOnce } from './apply-once.js';
import { awaitFirstCycle } from './first-cycle.js';
import { sampleToken } from './sample-token.js';
import { serviceSpec } from './service-specs.js';
import { Teardown } from './teardown.js';

let folder: TempFolder;
let api: FakeApi | null = null;
beforeEach(async () => {
  folder = await tempFolder('up');
});
afterEach(async () => {
  await api?.close();
  api = null;
  await folder.remove();
});

const file = (text = 'job: sample\n') => parseJobFile('job.yaml', '/jobs', text);
const known = {
  'GET /provident/v1/health': { body: healthView() },
  'GET /provident/v1/jobs': { body: { jobs: [jobStatusView()] } },
  'POST /provident/v1/jobs': { body: { ok: true, message: 'applied' } },
};
const posts = (): number => api!.requests.filter(({ line }) => line.startsWith('POST')).length;

test('what was started last ends first, and all of it ends even if some of it fails', async () => {
  const ended: string[] = [];
  const teardown = new Teardown();
  for (const name of ['folder', 'server', 'services']) {
    teardown.add(() => {
      ended.push(name);
      if (name === 'server') throw new Error('stuck');
    });
  }
  expect(await teardown.run()).toEqual([new Error('stuck')]);
  expect(await teardown.run()).toEqual([]);
  expect(ended).toEqual(['services', 'server', 'folder']);
});

test('a job file is applied again only when its content has changed or the job is gone', async () => {
  api = await startFakeApi(known);
  const client = new ApiClient(api.url);
  expect(await applyOnce(client, file(), folder.path)).toEqual({ jobId: 'sample', message: 'applied' });
  expect(await applyOnce(client, file(), folder.path)).toEqual({ jobId: 'sample', message: null });
  expect(posts()).toBe(1);
  expect(api.requests.find(({ body }) => body !== null)?.body).toEqual({ definition: { job: 'sample' }, baseDir: '/jobs' });
  await applyOnce(client, file('job: sample\nlanes: 2\n'), folder.path);
  expect(posts()).toBe(2);
  await api.close();
  api = await startFakeApi({ ...known, 'GET /provident/v1/jobs': { body: { jobs: [] } } });
  await applyOnce(new ApiClient(api.url), file('job: sample\nlanes: 2\n'), folder.path);
  expect(posts()).toBe(1);
});

test('a job that is refused shows its issues where they stand, and is tried again the next time', async () => {
  const body = { error: { code: 'job-refused', message: 'not valid', issues: [{ path: ['job'], message: 'taken' }] } };
  api = await startFakeApi({ 'POST /provident/v1/jobs': { status: 422, body } });
  const client = new ApiClient(api.url);
  for (const _ of [1, 2]) await expect(applyOnce(client, file(), folder.path)).rejects.toThrow('job.yaml:1:1  taken\njob.yaml: not valid');
  expect(posts()).toBe(2);
});

test('a job that has had its first cycle is not run again', async () => {
  api = await startFakeApi(known);
  await awaitFirstCycle(new ApiClient(api.url), 'sample', { screen: new PaperScreen(), now: Date.now });
  expect(posts()).toBe(0);
});

test('a cycle that is running is waited for', async () => {
  const running = cycleView({ closedAt: null, state: 'running' });
  api = await startFakeApi({
    ...known,
    'GET /provident/v1/jobs': { body: { jobs: [jobStatusView({ running, lastCycle: null, initialCycleCompleted: false })] } },
    'GET /provident/v1/jobs/sample': { body: jobStatusView() },
  });
  const screen = new PaperScreen();
  await awaitFirstCycle(new ApiClient(api.url), 'sample', { screen, now: Date.now });
  expect(screen.text).toContain('100 %  50 of 50');
});

test('the token of the sample target is made once and is for its owner alone', async () => {
  const token = await sampleToken(folder.path);
  expect(await sampleToken(folder.path)).toBe(token);
  expect((await stat(join(folder.path, 'sample-target.token'))).mode & 0o777).toBe(0o600);
});

test('only the services that open connectors get the token', () => {
  const surroundings = {
    servers: { databaseUrl: 'postgres://x', natsUrl: 'nats://x', isNatsOwn: true },
    env: {},
    logs: '/logs',
    dataFolder: '/data',
    baseDir: '/jobs',
    port: 1,
    sampleToken: 'secret',
  };
  expect(serviceSpec('exporter', surroundings).env).toMatchObject({ SAMPLE_TARGET_TOKEN: 'secret', PROVIDENT_INSTANCE: 'exporter-1' });
  expect(serviceSpec('report-api', surroundings).env).not.toHaveProperty('SAMPLE_TARGET_TOKEN');
});

test('a run file names the API of a living process', async () => {
  const run = { url: 'http://127.0.0.1:8730', pid: process.pid, startedAt: '2026-11-22T00:00:00.000Z' };
  await writeRunFile(folder.path, run);
  expect(await findRunFile(folder.path)).toEqual(run);
  expect(isRunning(run)).toBe(true);
  await removeRunFile(folder.path);
  expect(await findRunFile(folder.path)).toBeNull();
});
