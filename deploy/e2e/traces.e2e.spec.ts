import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EscrowRecorded, ObjectExported } from '@provident/contracts';
import { freePort } from '@provident/embedded';
import { eventually, eventuallyHolds } from '@provident/testing';

import { Installation, type PlainTarget, csvJob, people, pipeline, scimTarget, startPlainTarget, writeCsv } from './harness/index.js';

interface Span {
  readonly service: string;
  readonly instance: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number; readonly message?: string };
  readonly attributes: Readonly<Record<string, unknown>>;
}
interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A collector that keeps what it is sent, by trace. */
class Collector {
  readonly bodies: string[] = [];
  private readonly spans = new Map<string, Span[]>();
  readonly server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      expect(request.url).toBe('/v1/traces');
      this.bodies.push(body);
      this.take(JSON.parse(body) as { resourceSpans: unknown[] });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });

  of(traceId: string): Span[] {
    return this.spans.get(traceId) ?? [];
  }

  all(): Span[] {
    return [...this.spans.values()].flat();
  }

  private take({ resourceSpans }: { resourceSpans: unknown[] }): void {
    for (const { resource, scopeSpans } of resourceSpans as {
      resource: { attributes: Attribute[] };
      scopeSpans: { spans: (Span & { attributes: Attribute[] })[] }[];
    }[]) {
      const of = valuesOf(resource.attributes);
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        const known = this.spans.get(span.traceId) ?? [];
        // What is told twice, after a crash, is one span: its id says so.
        const others = known.filter(({ spanId }) => spanId !== span.spanId);
        const told = { ...span, service: String(of['service.name']), instance: String(of['service.instance.id']) };
        this.spans.set(span.traceId, [...others, { ...told, attributes: valuesOf(span.attributes) }]);
      }
    }
  }
}

const valuesOf = (attributes: readonly Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

const listen = async (server: ReturnType<typeof createServer>): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const collector = new Collector();
/** Takes requests, and never answers. */
const silent = createServer(() => undefined);
const staff = people(120);
const inScope = staff.filter(({ department }) => department !== 'Contractors').length;
const headers: { readonly userName: string; readonly traceparent: string | undefined }[] = [];
let refusing = true;
let target: PlainTarget;
let it: Installation;

beforeAll(async () => {
  target = await startPlainTarget({
    unique: false,
    refuse: ({ method, body, traceparent }) => {
      if (method !== 'POST') return null;
      headers.push({ userName: String(body['userName']), traceparent });
      return refusing && body['userName'] === 'user3@example.org'
        ? { status: 400, detail: 'There is no room for user3@example.org.' }
        : null;
    },
  });
  it = await Installation.start({
    replicas: 2,
    services: [...pipeline, 'audit-projector'],
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: await listen(collector.server), OTEL_BSP_SCHEDULE_DELAY: '100' },
  });
}, 180_000);
afterAll(async () => {
  await it?.stop();
  await target?.close();
  for (const server of [collector.server, silent]) {
    server.closeAllConnections();
    server.close();
  }
});

/** Whoever is the first to need the target also asks what it can. */
const isNoDiscovery = ({ name }: Span): boolean => name !== 'GET';
const traceOf = (changeId: string): string => changeId.replaceAll('-', '');
const nameOf = ({ service, name }: Span): string => `${service} ${name}`;

/** The spans of a trace as lines of a tree, children below their parents in the order of their beginning. */
function treeOf(spans: readonly Span[], parent?: string, indent = ''): string[] {
  return spans
    .filter(({ parentSpanId }) => (parentSpanId === '' ? undefined : parentSpanId) === parent)
    .sort((a, b) => nameOf(a).localeCompare(nameOf(b)))
    .flatMap((span) => [`${indent}${nameOf(span)}`, ...treeOf(spans, span.spanId, `${indent}  `)]);
}

/** Nothing begins before what it answers began, and nothing ends before it begins. */
function expectTimes(spans: readonly Span[], from: number): void {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  for (const span of spans) {
    const [start, end] = [BigInt(span.startTimeUnixNano), BigInt(span.endTimeUnixNano)];
    expect(start).toBeLessThanOrEqual(end);
    expect(start).toBeGreaterThanOrEqual(BigInt(from) * 1_000_000n);
    expect(end).toBeLessThanOrEqual(BigInt(Date.now()) * 1_000_000n);
    // Batches of the projector begin when they begin, whatever comes into them.
    const parent = byId.get(span.parentSpanId ?? '');
    if (parent && span.name !== 'project') expect([nameOf(span), start >= BigInt(parent.startTimeUnixNano)]).toEqual([nameOf(span), true]);
  }
}

const createdTree = [
  'importer read',
  '  audit-projector project',
  '  rule-evaluator evaluate',
  '    audit-projector project',
  '    exporter export',
  '      audit-projector project',
  '      exporter POST',
];

test('each change is one trace over all hops, whichever instances did them, also over a retry from escrow', async () => {
  const from = Date.now() - 5;
  const job = 'traced';
  writeCsv(join(it.folder, `${job}.csv`), staff);
  await it.apply({ ...csvJob(job, { url: target.url }), target: scimTarget(target.url, { traceparent: true }), lanes: 8 });
  await it.cycleClosed(job);

  const exported = await it.list(job, ObjectExported);
  expect(exported).toHaveLength(inScope - 1);
  for (const { changeId, objectKey, targetId } of exported) {
    const spans = await eventually(() => {
      const found = collector.of(traceOf(changeId));
      return found.filter(isNoDiscovery).length >= createdTree.length ? found : null;
    });
    expect([objectKey, treeOf(spans.filter(isNoDiscovery))]).toEqual([objectKey, createdTree]);
    expectTimes(spans, from);
    const request = spans.find(({ name }) => name === 'POST')!;
    expect(request).toMatchObject({
      kind: 3,
      attributes: { 'http.request.method': 'POST', 'http.response.status_code': 201, 'server.address': new URL(target.url).host },
    });
    expect(spans.find(({ name }) => name === 'export')!.attributes).toMatchObject({
      'provident.object.key': objectKey,
      'provident.target.id': targetId,
      'provident.action': 'create',
    });
    // The target was told of the very span that is its request.
    const { userName } = staff.find(({ employeeId }) => objectKey.endsWith(`:${employeeId}`))!;
    const told = headers.filter((each) => each.userName === userName).map(({ traceparent }) => traceparent);
    expect(told).toEqual([`00-${request.traceId}-${request.spanId}-01`]);
  }
  const [refused] = await eventually(async () => {
    const found = await it.list(job, EscrowRecorded);
    return found.length > 0 ? found : null;
  });
  refusing = false;
  await it.retry(job, { kind: 'all' });
  await it.find(job, ObjectExported, ({ data }) => data.changeId === refused!.changeId);
  const whole = [
    'importer read',
    '  audit-projector project',
    '  rule-evaluator evaluate',
    '    audit-projector project',
    '    exporter export',
    '      audit-projector project',
    '      escrow-retrier escrow',
    '        audit-projector project',
    '        escrow-retrier retry',
    '          audit-projector project',
    '          importer read',
    '            audit-projector project',
    '            rule-evaluator evaluate',
    '              audit-projector project',
    '              exporter export',
    '                audit-projector project',
    '                escrow-retrier clear',
    '                  audit-projector project',
    '                exporter POST',
    '        escrow-retrier wake',
    '          audit-projector project',
    '      exporter POST',
  ];
  const spans = await eventually(() => {
    const found = collector.of(traceOf(refused!.changeId)).filter(isNoDiscovery);
    return found.length >= whole.length ? found : null;
  });
  expect(treeOf(spans)).toEqual(whole);
  expectTimes(spans, from);
  const byAttempt = (name: string) =>
    spans
      .filter((span) => span.name === name)
      .sort((a, b) => Number(BigInt(a.startTimeUnixNano) - BigInt(b.startTimeUnixNano)))
      .map(({ status, attributes }) => [status.code, attributes['provident.attempt'] ?? attributes['http.response.status_code']]);
  expect(byAttempt('export')).toEqual([
    [2, 0],
    [0, 1],
  ]);
  expect(byAttempt('POST')).toEqual([
    [2, 400],
    [0, 201],
  ]);

  // Who began first may have done all of it: within seconds instances have their share of the lanes, and both are told of.
  let round = 0;
  await eventuallyHolds(
    async () => {
      const given = `Round ${round++}`;
      writeCsv(
        join(it.folder, `${job}.csv`),
        staff.map((person) => ({ ...person, givenName: given })),
      );
      await it.run(job);
      const sessions = await it.sessions();
      for (const service of ['rule-evaluator', 'exporter']) {
        const told = new Set(collector.all().flatMap((span) => (span.service === service ? span.instance : [])));
        const working = sessions.filter((session) => session.service === service && session.units > 0).map(({ instance }) => instance);
        const both = [`${service}-1`, `${service}-2`];
        expect({ working: working.sort(), told: [...told].sort(), troubles: it.troubles() }).toEqual({
          working: both,
          told: both,
          troubles: [],
        });
      }
    },
    { timeoutMs: 60_000 },
  );
  expect(it.troubles()).toEqual([]);
}, 180_000);

test('nothing of anybody is in any span, and a target that is not meant to know of traces is told of none', async () => {
  const before = headers.length;
  const job = 'untold';
  writeCsv(join(it.folder, `${job}.csv`), people(10, 500));
  await it.apply(csvJob(job, { url: target.url }));
  await it.cycleClosed(job);
  const [first] = await it.list(job, ObjectExported);
  await eventually(() => collector.of(traceOf(first!.changeId)).some(({ name }) => name === 'POST'));
  expect(new Set(headers.slice(before).map(({ traceparent }) => traceparent))).toEqual(new Set([undefined]));
  expect(collector.bodies.join('\n')).not.toMatch(/user\d+@|mail\d+@|Given\d|Family|Finance|no room/);
}, 120_000);

test('a collector that takes requests and never answers stops nothing; what it misses is counted', async () => {
  const port = await freePort();
  const other = await Installation.start({
    services: [...pipeline, 'audit-projector'],
    envOf: (service) => (service === 'exporter' ? { METRICS_PORT: String(port) } : {}),
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: await listen(silent),
      OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
      OTEL_BSP_SCHEDULE_DELAY: '10',
      OTEL_BSP_MAX_QUEUE_SIZE: '20',
    },
  });
  try {
    writeCsv(join(other.folder, 'deaf.csv'), people(120, 1_000));
    await other.apply(csvJob('deaf', { url: target.url }));
    expect((await other.cycleClosed('deaf')).tally).toMatchObject({ created: inScope });
    const counted = async (outcome: string): Promise<number> => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return Number(new RegExp(`^provident_trace_spans_total\\{outcome="${outcome}",component="exporter"\\} (\\d+)$`, 'm').exec(text)?.[1]);
    };
    expect(await counted('dropped')).toBeGreaterThan(0);
    await eventually(async () => (await counted('failed')) > 0);
    expect(await counted('sent')).toBe(0);
    expect(other.troubles()).toEqual([]);
  } finally {
    await other.stop();
  }
}, 180_000);
