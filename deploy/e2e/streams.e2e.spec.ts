import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ImportCompleted, PageImported } from '@provident/contracts';
import { freePort } from '@provident/embedded';
import { testDatabase } from '@provident/embedded/testing';
import { openVault } from '@provident/service-kit';
import { eventually, type TempFolder, tempFolder } from '@provident/testing';

import { startBroker } from './harness/broker.js';
import { Installation, type PlainTarget, csvJob, people, pipeline, startPlainTarget, writeCsv } from './harness/index.js';

interface CloudEvent {
  readonly id: string;
  readonly type: string;
  readonly sequence: string;
}

const masterKey = randomBytes(32).toString('base64');
const ended: (() => Promise<unknown>)[] = [];
const received: CloudEvent[] = [];
let requests = 0;
let installation: Installation;
let target: PlainTarget;
let files: TempFolder;

/** Takes what it answers with 2xx, and sometimes also what it does not answer at all. */
const hook = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += String(part)));
  request.on('end', () => {
    requests++;
    if (requests % 5 === 1) return response.writeHead(503).end();
    received.push(...(JSON.parse(body) as CloudEvent[]));
    return requests % 5 === 2 ? response.destroy() : response.writeHead(202).end();
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  const database = await testDatabase();
  ended.push(() => database.drop());
  const broker = await startBroker();
  ended.push(() => broker.stop());
  const vault = await openVault({
    DATABASE_URL: database.url,
    PROVIDENT_MASTER_KEY: masterKey,
    PROVIDENT_MASTER_KEY_FILE_MANAGED: 'false',
    PROVIDENT_KMS_KEY: 'unused',
  });
  await vault.setSecret('hook', 'a shared secret', { at: new Date(), by: 'e2e' }, async () => undefined);
  await vault.close();
  target = await startPlainTarget({ unique: true });
  files = await tempFolder('streams');
  ended.push(() => files.remove());
  installation = await Installation.start({
    services: [...pipeline, 'audit-projector', 'audit-streamer'],
    servers: { natsUrl: broker.url, databaseUrl: database.url },
    env: { PROVIDENT_MASTER_KEY: masterKey, PROVIDENT_STREAM_FILES: files.path },
  });
}, 180_000);
afterAll(async () => {
  hook.closeAllConnections();
  hook.close();
  await installation?.stop();
  await target?.close();
  for (const end of ended.reverse()) await end();
});

const unaudited: ReadonlySet<string> = new Set([PageImported.type, ImportCompleted.type]);

test('however often the streamer is killed, every event arrives at every destination, and what comes twice has the same id', async () => {
  const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
  const everything = { format: { kind: 'cloudevents' as const }, filter: {}, from: 0 };
  await installation.addStream({ ...everything, streamId: 'hook', destination: { kind: 'webhook', url, secret: 'hook' } });
  await installation.addStream({
    ...everything,
    streamId: 'file',
    destination: { kind: 'file', file: 'audit.jsonl', rotateBytes: 100_000_000 },
  });
  const staff = join(installation.folder, 'staff.csv');
  writeCsv(staff, people(150));
  await installation.apply(csvJob('staff', { url: target.url }));
  const cycle = installation.run('staff');
  const streamer = installation.process('audit-streamer');
  for (let kills = 0; kills < 4; kills++) {
    const before = received.length;
    await eventually(() => received.length > before, { timeoutMs: 60_000 });
    streamer.kill();
    await streamer.untilGone();
    await streamer.untilReady();
  }
  await cycle;
  const wanted = (await installation.events('staff')).filter(({ type }) => !unaudited.has(type));
  const lines = await eventually(
    async () => {
      const streams = await installation.streams();
      if (streams.some(({ lagEvents }) => lagEvents > 0)) return null;
      return (await readFile(join(files.path, 'audit.jsonl'), 'utf8')).trimEnd().split('\n');
    },
    { timeoutMs: 90_000, intervalMs: 250 },
  );
  const inFile = lines.map((line) => JSON.parse(line) as CloudEvent);
  for (const [where, events] of [
    ['hook', received],
    ['file', inFile],
  ] as const) {
    const audits = events.filter(({ type }) => type.startsWith('provident.audit.'));
    const sequences = new Set(audits.map(({ sequence }) => Number(sequence)));
    expect([where, wanted.filter(({ sequence }) => !sequences.has(sequence))]).toEqual([where, []]);
    // One event is one id, and one id is one event.
    const idOf = new Map(audits.map(({ id, sequence }) => [sequence, id]));
    for (const { id, sequence } of audits) expect(idOf.get(sequence)).toBe(id);
    const created = new Set(events.filter(({ type }) => type === 'provident.provisioning.object.created.v1').map(({ id }) => id));
    expect([where, created.size]).toEqual([where, people(150).filter(({ department }) => department !== 'Contractors').length]);
  }
  expect(installation.troubles()).toEqual([]);
}, 240_000);

test('of two streamers each stream has one that sends it; when one is killed, the other sends its streams too, and nothing is missing', async () => {
  const ports = [await freePort(), await freePort()] as const;
  const pair = await Installation.start({
    replicas: 2,
    services: ['job-scheduler', 'importer', 'exporter', 'audit-projector', 'audit-streamer'],
    env: { PROVIDENT_MASTER_KEY: randomBytes(32).toString('base64'), PROVIDENT_STREAM_FILES: files.path },
    envOf: (service, replica) => (service === 'audit-streamer' ? { METRICS_PORT: String(ports[replica === 1 ? 0 : 1]) } : {}),
  });
  ended.push(() => pair.stop());
  const sample = async (port: number, name: string): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return Number(new RegExp(`^${name}\\{[^}]*\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  };
  const held = (port: number): Promise<number> => sample(port, 'provident_units_held');
  const streams = ['one', 'two', 'three', 'four'];
  for (const streamId of streams)
    await pair.addStream({
      streamId,
      format: { kind: 'cloudevents' },
      filter: {},
      from: 0,
      destination: { kind: 'file', file: `${streamId}.jsonl`, rotateBytes: 100_000_000 },
    });
  // Two each: none is left, and none is sent by both.
  await eventually(async () => (await Promise.all(ports.map(held))).join() === '2,2', { timeoutMs: 30_000 });
  const sequencesIn = async (streamId: string): Promise<Set<number>> => {
    const lines = (await readFile(join(files.path, `${streamId}.jsonl`), 'utf8')).trimEnd().split('\n');
    return new Set(lines.filter((line) => line !== '').map((line) => Number((JSON.parse(line) as CloudEvent).sequence)));
  };
  const tell = async (jobId: string): Promise<number> => {
    await pair.apply({ ...csvJob(jobId, { url: target.url }), schedule: { paused: true } });
    return (await pair.events(jobId)).at(-1)!.sequence;
  };
  const before = await tell('first');
  for (const streamId of streams) await eventually(async () => (await sequencesIn(streamId)).has(before), { timeoutMs: 30_000 });

  expect(pair.process('audit-streamer', 2).kill('SIGKILL', { forGood: true })).toBe(true);
  const after = await tell('second');
  for (const streamId of streams) await eventually(async () => (await sequencesIn(streamId)).has(after), { timeoutMs: 60_000 });
  expect(await held(ports[0])).toBe(4);
  const wanted = [...(await pair.events('first')), ...(await pair.events('second'))].map(({ sequence }) => sequence);
  for (const streamId of streams) {
    const sent = await sequencesIn(streamId);
    expect([streamId, wanted.filter((sequence) => !sent.has(sequence))]).toEqual([streamId, []]);
  }
}, 240_000);
