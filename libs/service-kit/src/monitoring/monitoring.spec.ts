import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { observedLog } from '@provident/bus';
import { MemoryLog, aJob, exported, retryDue, subjectIn, tell } from '@provident/bus/testing';

import { ConfigUnusable } from '../config.js';
import { laneMetrics } from './lane-metrics.js';
import { logMetrics } from './log-metrics.js';
import { Monitor } from './monitor.js';
import { serveMonitor } from './monitor-server.js';
import { paceMetrics } from './pace-metrics.js';
import { classOf, requestMetrics } from './request-metrics.js';

let monitor: Monitor;
beforeEach(() => {
  monitor = new Monitor('spec');
});
const values = async (name: string) => (await monitor.registry.getSingleMetric(name)!.get()).values;

describe('the server', () => {
  const open: Server[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) {
      server.close();
      await once(server, 'close');
    }
  });

  const serve = async (): Promise<string> => {
    const server = await serveMonitor(monitor, { host: '127.0.0.1', port: 0 });
    open.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  test('says that the process lives, and that it is not ready before there is anything to be ready with', async () => {
    const url = await serve();
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'not-ready', troubles: ['it is starting'] }]);
  });

  test('names every trouble, and is ready once there is none', async () => {
    const url = await serve();
    let well = false;
    const check = async (): Promise<void> => {
      if (!well) throw new Error('it does not answer');
    };
    monitor.addCheck('database', check);
    monitor.addCheck('broker', async () => undefined);
    expect(await (await fetch(`${url}/health/ready`)).json()).toEqual({ status: 'not-ready', troubles: ['database: it does not answer'] });
    well = true;
    expect([(await fetch(`${url}/health/ready`)).status, (await fetch(`${url}/health/ready?x=1`, { method: 'HEAD' })).status]).toEqual([
      200, 200,
    ]);
  });

  test('gives metrics in the text format of Prometheus, of the process too, and nothing else', async () => {
    const url = await serve();
    const answer = await fetch(`${url}/metrics`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await answer.text()).toMatch(/^process_resident_memory_bytes\{component="spec"\} \d+$/m);
    expect((await fetch(`${url}/etc/passwd`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  test('says which setting is wrong when its port is taken', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    open.push(other);
    const taken = serveMonitor(monitor, { host: '127.0.0.1', port: (other.address() as AddressInfo).port });
    await expect(taken).rejects.toThrow(ConfigUnusable);
    await expect(taken).rejects.toThrow(/METRICS_PORT: 127\.0\.0\.1:\d+ cannot be listened on/);
  });
});

test('what is appended is counted by type, and what the log refuses by reason', async () => {
  const log = observedLog(new MemoryLog(), logMetrics(monitor));
  await tell(log, retryDue('a'), retryDue('b'), exported('a'));
  const byType = Object.fromEntries((await values('provident_events_appended_total')).map(({ labels, value }) => [labels['type'], value]));
  expect(byType).toEqual({ 'retry-due': 2, 'object-exported': 1 });
  const exports = await values('provident_exports_total');
  expect(exports).toEqual([{ labels: { job_id: aJob, action: 'create', result: 'success' }, value: 1 }]);
  await expect(log.append([retryDue('c')], new Map([[subjectIn('0', 'escrow-retrier'), 77]]))).rejects.toThrow();
  expect(await values('provident_appends_refused_total')).toEqual([
    { labels: { reason: 'stale' }, value: 1 },
    { labels: { reason: 'failed' }, value: 0 },
  ]);
});

test('lanes tell how far behind they are for as long as they are worked on', async () => {
  const watch = laneMetrics(monitor, () => new Date('2026-01-01T00:00:10Z'));
  const end = watch.begin('exporter', { jobId: 'hr' as never, lane: '3' }, () => ({ waiting: 7, oldestAt: '2026-01-01T00:00:04Z' }));
  const labels = { stage: 'exporter', job_id: 'hr', lane: '3' };
  expect(await values('provident_lane_waiting_events')).toEqual([{ labels, value: 7 }]);
  expect(await values('provident_lane_lag_seconds')).toEqual([{ labels, value: 6 }]);
  end();
  expect(await values('provident_lane_waiting_events')).toEqual([]);
});

test('however many jobs there are, time series stay bounded', () => {
  const labels = new Set(Array.from({ length: 2_000 }, (_, n) => monitor.jobLabel(`job-${n}`)));
  expect(labels.size).toBe(501);
  expect([monitor.jobLabel('job-7'), monitor.jobLabel('job-1999')]).toEqual(['job-7', 'other']);
});

test('paces are asked when somebody looks; those of one job add up, and what was counted before goes on', async () => {
  const pace = { job: 'people', waiting: 2, waited: 7, refused: 1, isPaused: true };
  let counts = [pace, { ...pace, waiting: 3, isPaused: false }];
  paceMetrics(monitor, { counts: () => counts });
  const seen = async (name: string) => (await values(`provident_target_${name}`)).map(({ labels, value }) => [labels['job_id'], value]);
  expect(await seen('waiting_requests')).toEqual([['people', 5]]);
  expect(await seen('paused')).toEqual([['people', 1]]);
  expect(await seen('waits_total')).toEqual([['people', 14]]);
  counts = [{ ...pace, waiting: 0, refused: 4 }];
  expect([await seen('waiting_requests'), await seen('refusals_total')]).toEqual([[['people', 0]], [['people', 4]]]);
});

test('requests are counted by the class of their answers', async () => {
  const made = requestMetrics(monitor);
  for (const outcome of [200, 201, 404, 429, 503, 'timeout'] as const) made({ system: 'crm', method: 'GET', outcome, ms: 5 });
  const counts = Object.fromEntries(
    (await values('provident_target_requests_total')).map(({ labels, value }) => [labels['outcome'], value]),
  );
  expect(counts).toEqual({ '2xx': 2, '4xx': 1, '429': 1, '5xx': 1, timeout: 1 });
  expect(classOf(302)).toBe('3xx');
});
