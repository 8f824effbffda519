import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { Counter, Gauge } from 'prom-client';

import type { Monitor } from '../monitoring/monitor.js';
import { version } from '../version.js';
import { type TraceSettings, tracedShare } from './settings.js';
import { type SendSpans, SpanQueue } from './span-queue.js';
import { Tracer } from './tracer.js';

export interface OpenTracer {
  readonly tracer: Tracer;
  /** Sends what is left, as far as that is quick. */
  close(): Promise<void>;
}

export interface TracedService {
  readonly name: string;
  readonly instance: string;
  readonly monitor: Monitor;
  readonly onTrouble: (error: unknown) => void;
}

const drainMs = 2_000;

/** The way to the collector that the environment names; null when it names none, and nothing is traced. */
export async function openTracer(settings: TraceSettings, service: TracedService): Promise<OpenTracer | null> {
  const share = tracedShare(settings);
  if (share === 0) return null;
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  const resource = resourceFromAttributes({
    ...inResourceAttributes(),
    'service.name': settings.OTEL_SERVICE_NAME ?? service.name,
    'service.namespace': 'provident',
    'service.instance.id': service.instance,
    'service.version': version,
  });
  const exporter = collector();
  const limits = {
    size: settings.OTEL_BSP_MAX_QUEUE_SIZE,
    batch: Math.min(settings.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, settings.OTEL_BSP_MAX_QUEUE_SIZE),
    delayMs: settings.OTEL_BSP_SCHEDULE_DELAY,
  };
  const queue = new SpanQueue(exporter.send, limits, service.onTrouble);
  tell(service.monitor, queue);
  const close = async (): Promise<void> => {
    await queue.drain(drainMs);
  };
  return { tracer: new Tracer(queue, { share, resource, version }), close };
}

/** What the operator says of the installation as a whole, in the form of OpenTelemetry: `key=value,key=value`. */
function inResourceAttributes(written = process.env['OTEL_RESOURCE_ATTRIBUTES'] ?? ''): Record<string, string> {
  const pairs = written.split(',').flatMap((pair) => {
    const [key, ...value] = pair.split('=');
    return key?.trim() && value.length > 0 ? [[key.trim(), decodeURIComponent(value.join('=').trim())] as const] : [];
  });
  return Object.fromEntries(pairs);
}

/** Loaded with the first spans: a service that has none does without. */
function collector(): { readonly send: SendSpans } {
  let opening: Promise<(spans: ReadableSpan[]) => Promise<void>> | null = null;
  const open = async (): Promise<(spans: ReadableSpan[]) => Promise<void>> => {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    const exporter = new OTLPTraceExporter(); // reads OTEL_EXPORTER_OTLP_*
    return (spans) =>
      new Promise((resolve, reject) => {
        exporter.export(spans, ({ code, error }) =>
          code === 0 ? resolve() : reject(error ?? new Error('the collector refused the spans')),
        );
      });
  };
  return { send: async (spans) => (await (opening ??= open()))([...spans]) };
}

function tell(monitor: Monitor, queue: SpanQueue): void {
  const registers = [monitor.registry];
  new Counter({
    name: 'provident_trace_spans_total',
    help: 'Spans of traces: sent, dropped because too many were waiting, or failed because the collector did not take them',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(queue.counts)) this.inc({ outcome }, count as number);
    },
  });
  new Gauge({
    name: 'provident_trace_spans_waiting',
    help: 'Spans that wait for the collector',
    registers,
    collect() {
      this.set(queue.waiting);
    },
  });
}
