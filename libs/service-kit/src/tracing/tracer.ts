import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

import type { HrTime, Link } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { LogObserver, NewEvent } from '@provident/bus';
import type { LogEvent } from '@provident/contracts';

import { type Attempt, exportKey, type Hop, type HopAttributes, hopOf } from './hop.js';
import { isSampled, spanIdOf, traceIdOf } from './ids.js';

/** Spans are told of once they are over, and given their ids by us: nothing of the SDK's own life cycle is needed. */
export interface SpanSink {
  add(span: ReadableSpan): void;
}

export interface TracerOptions {
  /** Share of all changes that are traced, from 0 to 1. */
  readonly share: number;
  readonly resource: ReadableSpan['resource'];
  readonly version: string;
}

/** A request that was made, as connectors tell of it. */
interface RequestMade {
  readonly system: string;
  readonly method: string;
  readonly outcome: number | string;
  readonly ms: number;
}

/** A request to a target that is followed. */
export interface TracedRequest {
  /** In the form of the W3C. */
  readonly traceparent: string;
  end(made: RequestMade): void;
}

interface Place {
  readonly traceId: string;
  readonly spanId: string;
}

interface SpanFacts {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: string | null;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly attributes: HopAttributes;
  readonly failure?: string | undefined;
  readonly links?: Link[];
  readonly isRequest?: boolean;
}

/** As @opentelemetry/api numbers them: internal, client; unset, error; sampled. */
const kinds = { internal: 0, client: 2 } as const;
const states = { unset: 0, error: 2 } as const;
const sampledFlag = 1;

const nowMs = (): number => performance.timeOrigin + performance.now();

/**
 * Tells of an object's change as one trace, a span for each step. Which trace and which span follows from the event alone: services carry nothing
 * along, and a step that is done again has the same names.
 */
export class Tracer implements LogObserver {
  private readonly here = new AsyncLocalStorage<Place>();
  private readonly scope: ReadableSpan['instrumentationScope'];

  constructor(
    private readonly sink: SpanSink,
    private readonly options: TracerOptions,
  ) {
    this.scope = { name: 'provident', version: options.version };
  }

  appended(events: readonly NewEvent[], sequences: readonly number[]): void {
    const to = nowMs();
    for (const [at, event] of events.entries()) {
      const { id, definition, data, span } = event;
      if (!this.takesIn(data)) continue;
      const hop = hopOf({ type: definition.type, id, data, isFirst: span?.isFirst });
      if (!hop) continue;
      this.tellHop(hop, span?.beganAt ?? Date.parse(event.at), to, { 'provident.event.sequence': sequences[at]! });
    }
  }

  refused(): void {
    // What is not in the log has not happened.
  }

  /** Requests to a target that are made meanwhile are parts of that export. */
  duringExport<Result>(attempt: Attempt, work: () => Promise<Result>): Promise<Result> {
    const traceId = traceIdOf(attempt.changeId);
    if (!this.isSampled(traceId)) return work();
    return this.here.run({ traceId, spanId: spanIdOf(exportKey(attempt)) }, work);
  }

  /** A request is about to be made; undefined: it belongs to nothing that is traced. */
  readonly beginRequest = (): TracedRequest | undefined => {
    const place = this.here.getStore();
    if (!place) return undefined;
    const spanId = randomBytes(8).toString('hex');
    return {
      traceparent: `00-${place.traceId}-${spanId}-01`,
      end: (made) => this.tellRequest({ traceId: place.traceId, spanId }, place.spanId, made),
    };
  };

  /** Events are in the read models now. @param tookMs how long their batch took */
  projected(events: readonly LogEvent[], tookMs: number): void {
    const to = nowMs();
    for (const event of events) {
      if (!this.takesIn(event.data)) continue;
      const hop = hopOf(event);
      if (!hop) continue;
      const { key, facts } = hop;
      this.tellHop({ name: 'project', key: `${key}.projected`, parent: key, facts, attributes: hop.attributes }, to - tookMs, to, {
        'provident.event.sequence': event.sequence,
      });
    }
  }

  private tellHop({ name, key, parent, facts, attributes, failure, goesOnIn }: Hop, from: number, to: number, more: HopAttributes): void {
    const traceId = traceIdOf(facts.changeId);
    this.tell({
      name,
      traceId,
      spanId: spanIdOf(key),
      parent: parent === null ? null : spanIdOf(parent),
      from: Math.min(from, to),
      to,
      attributes: { ...attributes, ...more },
      failure: failure && `${failure.kind}: ${failure.code}`,
      links: goesOnIn
        ? [{ context: { traceId: traceIdOf(goesOnIn.changeId), spanId: spanIdOf(goesOnIn.key), traceFlags: sampledFlag } }]
        : [],
    });
  }

  /** Of an address only the host is told: paths and queries hold values. */
  private tellRequest({ traceId, spanId }: Place, parent: string, { system, method, outcome, ms }: RequestMade): void {
    const to = nowMs();
    const isFailure = typeof outcome === 'string' || outcome >= 400;
    this.tell({
      name: method,
      traceId,
      spanId,
      parent,
      from: to - ms,
      to,
      attributes: {
        'http.request.method': method,
        'server.address': system,
        ...(typeof outcome === 'number' && { 'http.response.status_code': outcome }),
        ...(isFailure && { 'error.type': String(outcome) }),
      },
      failure: isFailure ? String(outcome) : undefined,
      isRequest: true,
    });
  }

  /** Asked first: of most events nothing is told, where few changes are traced. */
  private takesIn(data: unknown): boolean {
    const { changeId } = data as { readonly changeId?: string };
    return changeId !== undefined && this.isSampled(traceIdOf(changeId));
  }

  private isSampled(traceId: string): boolean {
    return isSampled(traceId, this.options.share);
  }

  private tell({ name, traceId, spanId, parent, from, to, attributes, failure, links = [], isRequest = false }: SpanFacts): void {
    const context = { traceId, spanId, traceFlags: sampledFlag };
    const startTime = hrTimeOf(from);
    const endTime = hrTimeOf(to);
    this.sink.add({
      name,
      kind: isRequest ? kinds.client : kinds.internal,
      spanContext: () => context,
      ...(parent !== null && { parentSpanContext: { traceId, spanId: parent, traceFlags: sampledFlag, isRemote: !isRequest } }),
      startTime,
      endTime,
      duration: hrTimeOf(to - from),
      status: failure === undefined ? { code: states.unset } : { code: states.error, message: failure },
      attributes,
      links,
      events: [],
      ended: true,
      resource: this.options.resource,
      instrumentationScope: this.scope,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    });
  }
}

/** Seconds and nanoseconds. */
function hrTimeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.floor((ms - seconds * 1_000) * 1_000_000)];
}
