import { describe, expect, test } from '@jest/globals';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { objectFacts, newEvent, retryDue } from '@provident/bus/testing';
import { ExportFailed } from '@provident/contracts';
import fc from 'fast-check';

import { ConfigUnusable, readConfig } from '../config.js';
import { hopOf } from './hop.js';
import { isSampled, spanIdOf, traceIdOf } from './ids.js';
import { TraceSettings, tracedShare } from './settings.js';
import { type SendSpans, SpanQueue } from './span-queue.js';
import { Tracer } from './tracer.js';

const facts = objectFacts('1001', { attempt: 1 });
const secret = 'anna@example.org';
const failed = newEvent(
  ExportFailed,
  {
    ...facts,
    displayName: 'Anna',
    sourceId: '1001',
    action: 'update',
    targetId: 'u7',
    changes: [{ attribute: 'userName', old: null, new: secret }],
    failure: { kind: 'rejected', code: 'http-400', message: `${secret} is not allowed`, status: 400, attribute: 'userName' },
    durationMs: 4,
  },
  { id: `${facts.changeId}.export.1.0`, stage: 'exporter' },
);

describe('a step', () => {
  test('says which attributes, never which values, and how it failed in codes', () => {
    const hop = hopOf({ type: ExportFailed.type, id: failed.id, data: failed.data })!;
    expect(hop).toMatchObject({
      name: 'export',
      parent: `${facts.changeId}.rule.1.0`,
      attributes: { 'provident.attributes': ['userName'], 'error.type': 'rejected', 'provident.failure.status': 400 },
    });
    expect(JSON.stringify([hop.attributes, hop.failure?.code, hop.name, hop.key])).not.toMatch(/anna/i);
  });

  test.each([
    ['a read that nobody asked for has none', { attempt: 0, round: 0 }, null],
    ['a retry has the word that it is due', { attempt: 2, round: 0 }, 'x.retry.2'],
    ['what the exporter sent back has that export', { attempt: 2, round: 1 }, 'x.export.2.0'],
  ])('knows what it answers: %s', (_, attempt, parent) => {
    const data = { ...facts, ...attempt, changeId: 'x', failure: { kind: 'rejected', code: 'c' } };
    expect(hopOf({ type: 'object-import-failed', id: 'i', data })!.parent).toBe(parent);
  });

  test('whatever nobody asked for begins its trace, at any attempt', () => {
    expect(hopOf({ type: 'target-object-imported', id: 'i', data: facts, isFirst: true })!.parent).toBeNull();
  });

  test('what is no step of an object is none', () => {
    expect(hopOf({ type: 'cycle-opened', id: 'i', data: { jobId: 'j' } })).toBeNull();
    expect(hopOf({ type: 'source-object-imported', id: 'i', data: { ...facts, targetFollows: true } })).toBeNull();
  });
});

describe('names', () => {
  test('the trace of a change is its id without dashes; any other text has one too', () => {
    expect(traceIdOf('0b9ec1bb-7f54-5a0c-8123-b4d1a1f0c9de')).toBe('0b9ec1bb7f545a0c8123b4d1a1f0c9de');
    expect(traceIdOf('c-1.1001')).toMatch(/^[0-9a-f]{32}$/);
    expect(spanIdOf('x.export.0.0')).toMatch(/^[0-9a-f]{16}$/);
  });

  test('every service takes in the same share of traces, and a larger share holds the smaller one', () => {
    const ids = Array.from({ length: 4_000 }, (_, n) => traceIdOf(`change ${n}`));
    const taken = (share: number): string[] => ids.filter((id) => isSampled(id, share));
    expect([taken(0).length, taken(1).length]).toEqual([0, ids.length]);
    expect(Math.abs(taken(0.1).length - 400)).toBeLessThan(100);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
        const larger = new Set(taken(Math.max(a, b)));
        return taken(Math.min(a, b)).every((id) => larger.has(id));
      }),
      { numRuns: 30 },
    );
  });
});

describe('the tracer', () => {
  const tracer = (share: number, spans: ReadableSpan[]): Tracer =>
    new Tracer({ add: (span) => spans.push(span) }, { share, resource: {} as never, version: '1' });

  test('tells of an appended event from when its writer took it up, as failed when it failed', () => {
    const spans: ReadableSpan[] = [];
    const beganAt = Date.now() - 250;
    tracer(1, spans).appended([{ ...failed, span: { beganAt } }], [42]);
    expect(spans).toHaveLength(1);
    const [span] = spans as [ReadableSpan];
    expect(span.attributes['provident.event.sequence']).toBe(42);
    expect(span.status).toEqual({ code: 2, message: 'rejected: http-400' });
    expect(Math.floor(span.startTime[0] * 1_000 + span.startTime[1] / 1e6 + 0.5)).toBe(beganAt);
    expect(span.duration[0] * 1_000 + span.duration[1] / 1e6).toBeGreaterThanOrEqual(249);
  });

  test('requests belong to the export that makes them, however many are under way', async () => {
    const spans: ReadableSpan[] = [];
    const it = tracer(1, spans);
    const made = { system: 'crm', method: 'POST', outcome: 503, ms: 3 };
    await Promise.all(
      ['a', 'b', 'c'].map((changeId) =>
        it.duringExport({ ...facts, changeId: changeId as never }, async () => {
          await new Promise((resolve) => setImmediate(resolve));
          const request = it.beginRequest()!;
          expect(request.traceparent).toMatch(new RegExp(`^00-${traceIdOf(changeId)}-[0-9a-f]{16}-01$`));
          await new Promise((resolve) => setImmediate(resolve));
          request.end(made);
        }),
      ),
    );
    expect(spans.map((span) => [span.spanContext().traceId, span.parentSpanContext!.spanId])).toEqual(
      ['a', 'b', 'c'].map((changeId) => [traceIdOf(changeId), spanIdOf(`${changeId}.export.1.0`)]),
    );
    expect(spans[0]!.status.code).toBe(2);
    expect(it.beginRequest()).toBeUndefined();
  });

  test('what is not sampled costs no span, and its requests are not followed', async () => {
    const spans: ReadableSpan[] = [];
    const it = tracer(0, spans);
    it.appended([failed, retryDue()], [1, 2]);
    await it.duringExport(facts, async () => expect(it.beginRequest()).toBeUndefined());
    expect(spans).toEqual([]);
  });
});

describe('the queue', () => {
  const span = {} as ReadableSpan;

  test('holds so many at most, and counts what it drops', async () => {
    const gates: (() => void)[] = [];
    const sizes: number[] = [];
    const send: SendSpans = (spans) => {
      sizes.push(spans.length);
      return new Promise((resolve) => gates.push(resolve));
    };
    const queue = new SpanQueue(send, { size: 5, batch: 2, delayMs: 1 }, () => undefined);
    for (let n = 0; n < 9; n++) queue.add(span);
    expect([queue.waiting, queue.counts.dropped]).toEqual([5, 4]);
    const drained = queue.drain(10_000);
    for (let sent = 1; sent <= 3; sent++) {
      while (gates.length < sent) await new Promise((resolve) => setImmediate(resolve));
      gates[sent - 1]!();
    }
    await drained;
    expect([sizes, queue.counts]).toEqual([[2, 2, 1], { sent: 5, dropped: 4, failed: 0 }]);
  });

  test('goes on after a refusal, and says what was lost', async () => {
    const troubles: unknown[] = [];
    let refusals = 1;
    const send: SendSpans = async () => {
      if (refusals-- > 0) throw new Error('no');
    };
    const queue = new SpanQueue(send, { size: 10, batch: 2, delayMs: 1 }, (error) => troubles.push(error));
    for (let n = 0; n < 4; n++) queue.add(span);
    await queue.drain(10_000);
    expect([queue.counts, troubles.length]).toEqual([{ sent: 2, dropped: 0, failed: 2 }, 1]);
  });

  test('nobody waits at the end for a collector that does not answer', async () => {
    const queue = new SpanQueue(
      () => new Promise(() => undefined),
      { size: 10, batch: 2, delayMs: 1 },
      () => undefined,
    );
    for (let n = 0; n < 4; n++) queue.add(span);
    await queue.drain(5);
    expect(queue.counts.sent).toBe(0);
  });
});

describe('settings', () => {
  const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

  test.each([
    [{}, 0],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, 0],
    [collector, 1],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }, 1],
    [{ ...collector, OTEL_SDK_DISABLED: 'true' }, 0],
    [{ ...collector, OTEL_TRACES_EXPORTER: 'none' }, 0],
    [{ ...collector, OTEL_TRACES_SAMPLER: 'always_off' }, 0],
    [{ ...collector, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }, 0.25],
    [{ ...collector, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '' }, 1],
    [{ ...collector, OTEL_TRACES_SAMPLER_ARG: '0.25' }, 1],
  ])('%j trace %d of all changes', (environment, share) => {
    expect(tracedShare(readConfig(TraceSettings, environment))).toBe(share);
  });

  test.each([
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' },
    { OTEL_TRACES_SAMPLER: 'jaeger_remote' },
    { OTEL_TRACES_SAMPLER_ARG: '2' },
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  ])('%j is refused', (environment) => {
    expect(() => readConfig(TraceSettings, environment)).toThrow(ConfigUnusable);
  });
});
