import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parser } from '@prometheus-io/lezer-promql';
import { freePort } from '@provident/embedded';
import { eventually, type TempFolder, tempFolder } from '@provident/testing';
import { parse } from 'yaml';

import { Installation, type PlainTarget, type ServiceName, csvJob, people, pipeline, startPlainTarget, writeCsv } from './harness/index.js';

const services: readonly ServiceName[] = [...pipeline, 'audit-projector', 'report-api', 'audit-streamer'];
let apiPort: number;
const ports = new Map<ServiceName, number>();
const folder = join(import.meta.dirname, '..', 'monitoring');

let target: PlainTarget;
let installation: Installation;
let files: TempFolder;
beforeAll(async () => {
  for (const service of services) ports.set(service, await freePort());
  apiPort = await freePort();
  target = await startPlainTarget({
    unique: true,
    refuse: ({ method, body }) =>
      method === 'POST' && String(body['userName']).startsWith('user3@') ? { status: 400, detail: 'There is no room for them.' } : null,
  });
  files = await tempFolder('streams');
  installation = await Installation.start({
    services,
    env: { PROVIDENT_MASTER_KEY: randomBytes(32).toString('base64'), PROVIDENT_STREAM_FILES: files.path },
    envOf: (service) => ({ METRICS_PORT: String(ports.get(service)), ...(service === 'report-api' && { PORT: String(apiPort) }) }),
  });
  const everything = { format: { kind: 'cloudevents' as const }, filter: {}, from: 0 };
  await installation.addStream({ ...everything, streamId: 'kept', destination: { kind: 'file', file: 'kept.jsonl', rotateBytes: 1e8 } });
  await installation.addStream({
    ...everything,
    streamId: 'away',
    destination: { kind: 'otlp', url: `http://127.0.0.1:${await freePort()}/v1/logs` },
  });
  const file = join(installation.folder, 'staff.csv');
  writeCsv(file, people(40));
  await installation.apply(csvJob('staff', { url: target.url }));
  await installation.run('staff');
  writeCsv(file, people(5));
  await installation.run('staff');
}, 180_000);
afterAll(async () => {
  await installation?.stop();
  await target?.close();
  await files?.remove();
});

const ask = (service: ServiceName, path: string): Promise<Response> => fetch(`http://127.0.0.1:${ports.get(service)}${path}`);

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

async function samplesOf(service: ServiceName): Promise<Sample[]> {
  const text = await (await ask(service, '/metrics')).text();
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line)!;
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key!, text!]);
      return { name: name!, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) };
    });
}

const allSamples = async (): Promise<Sample[]> => (await Promise.all(services.map(samplesOf))).flat();

/** Waits until a series has such a value: what is shown follows what happened. */
async function shows(name: string, labels: Record<string, string>, holds: (value: number) => boolean): Promise<void> {
  let seen: Sample[] = [];
  const isShown = async (): Promise<boolean> => {
    seen = (await allSamples()).filter((sample) => sample.name === name);
    return seen.some((sample) => Object.entries(labels).every(([key, text]) => sample.labels[key] === text) && holds(sample.value));
  };
  await eventually(isShown, { timeoutMs: 20_000 }).catch(() =>
    expect(seen).toContainEqual({ name, labels: expect.objectContaining(labels) }),
  );
}

interface Node {
  readonly type: { readonly isError: boolean; readonly name: string };
  readonly from: number;
  readonly to: number;
}

/** Names of the metrics that an expression asks for. @throws Error when it is none */
function metricsIn(written: string): string[] {
  const expression = written.replaceAll('$__rate_interval', '5m').replaceAll('$job', '.*');
  const names: string[] = [];
  parser.parse(expression).iterate({
    enter: ({ type, from, to }: Node) => {
      if (type.isError) throw new Error(`not an expression of PromQL at ${from}: ${expression}`);
      if (type.name === 'Identifier' && expression.slice(from, to) !== 'inf') names.push(expression.slice(from, to));
    },
  });
  return names.filter((name) => /^(provident|process|nodejs|up)/.test(name));
}

describe('what services tell of themselves', () => {
  test.each(services.filter((service) => service !== 'audit-streamer'))('%s lives and is ready', async (service) => {
    expect((await ask(service, '/health/live')).status).toBe(200);
    expect([(await ask(service, '/health/ready')).status, await (await ask(service, '/health/ready')).json()]).toEqual([
      200,
      { status: 'ok' },
    ]);
  });

  test('audit-streamer is ready while a destination is away, and tells of it without its words', async () => {
    const ready = async (): Promise<[number, { notes?: string[] }]> => {
      const answer = await ask('audit-streamer', '/health/ready');
      return [answer.status, (await answer.json()) as { notes?: string[] }];
    };
    await eventually(async () => (await ready())[1].notes, { timeoutMs: 20_000 });
    const [status, body] = await ready();
    expect([status, body]).toEqual([
      200,
      {
        status: 'ok',
        notes: [
          expect.stringMatching(/^stream away: \d+ deliver(y was|ies in a row were) not taken, \d+ events wait, last delivered never$/),
        ],
      },
    ]);
  });

  test('is served on the port of the API too', async () => {
    const answer = await fetch(`http://127.0.0.1:${apiPort}/metrics`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await answer.text()).toMatch(/^provident_jobs\{state="quarantine",component="report-api"\} 1$/m);
  });

  test('is what happened', async () => {
    await shows('provident_exports_total', { job_id: 'staff', action: 'create', result: 'success' }, (value) => value === 35);
    await shows('provident_exports_total', { job_id: 'staff', action: 'create', result: 'failure' }, (value) => value >= 1);
    await shows('provident_escrows', { job_id: 'staff', kind: 'rejected', state: 'waiting' }, (value) => value === 1);
    await shows('provident_held_removals', { job_id: 'staff' }, (value) => value > 0);
    await shows('provident_target_requests_total', { component: 'exporter', method: 'POST', outcome: '2xx' }, (value) => value === 35);
    await shows('provident_target_requests_total', { component: 'exporter', method: 'POST', outcome: '4xx' }, (value) => value >= 1);
    await shows('provident_target_requests_total', { component: 'importer', method: 'GET', outcome: '2xx' }, (value) => value > 0);
    await shows('provident_cycle_seconds_count', { job_id: 'staff', kind: 'initial' }, (value) => value === 1);
    await shows('provident_jobs', { state: 'quarantine' }, (value) => value === 1);
    await shows('provident_lane_waiting_events', { stage: 'exporter', job_id: 'staff', lane: '0' }, (value) => value === 0);
    await shows('provident_projector_lag_events', {}, (value) => value === 0);
    await shows('provident_stream_last_delivered_timestamp_seconds', { stream: 'kept' }, (value) => value > Date.now() / 1_000 - 600);
    await shows('provident_stream_failing', { stream: 'away' }, (value) => value > 0);
    await shows('provident_stream_failing', { stream: 'kept' }, (value) => value === 0);
    await shows('provident_stream_lag_seconds', { stream: 'away' }, (value) => value > 0);
    await shows('provident_stage_seconds_count', { stage: 'rule-evaluator' }, (value) => value >= 40);
  }, 120_000);

  test('names nobody', async () => {
    for (const { name, labels } of await allSamples()) expect(`${name} ${JSON.stringify(labels)}`).not.toMatch(/user\d|@|Given|E\d+"/);
  });
});

describe('dashboard and alerts', () => {
  /** Without a failure there is nothing to count: their series begin with the first. */
  const onlyAfterFailure = new Set(['provident_work_stopped_total', 'provident_stream_refused_total']);

  const known = async (): Promise<Set<string>> => new Set([...(await allSamples()).map(({ name }) => name), ...onlyAfterFailure, 'up']);

  test('each panel asks for metrics that exist, in proper PromQL', async () => {
    const exist = await known();
    const { panels } = JSON.parse(readFileSync(join(folder, 'grafana-dashboard.json'), 'utf8')) as {
      panels: { type: string; title: string; targets?: { expr: string }[] }[];
    };
    const asked = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, names: metricsIn(expr) })));
    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter(({ names }) => names.length === 0 || names.some((name) => !exist.has(name)))).toEqual([]);
  });

  test('each alert has an expression, a severity and words', async () => {
    const exist = await known();
    const { groups } = parse(readFileSync(join(folder, 'alert-rules.yaml'), 'utf8')) as {
      groups: {
        rules: { alert: string; expr: string; for?: string; labels: { severity: string }; annotations: Record<string, string> }[];
      }[];
    };
    const rules = groups.flatMap(({ rules: some }) => some);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { alert, expr, labels, annotations, ...rest } of rules) {
      const names = metricsIn(expr);
      expect([alert, names.filter((name) => !exist.has(name)), names.length > 0]).toEqual([alert, [], true]);
      expect(['info', 'warning', 'critical']).toContain(labels.severity);
      expect(Object.keys(annotations).sort()).toEqual(['description', 'summary']);
      expect(rest.for ?? '1m').toMatch(/^\d+[smh]$/);
    }
  });

  test('what is no PromQL is seen', () => {
    expect(() => metricsIn('sum by (job_id (provident_jobs)')).toThrow('not an expression');
  });
});
