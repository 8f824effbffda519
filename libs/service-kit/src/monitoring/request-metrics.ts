import { Counter, Histogram } from 'prom-client';

import type { Monitor } from './monitor.js';

/** A request to a system, as connectors tell of it. */
interface Request {
  readonly system: string;
  readonly method: string;
  readonly outcome: number | string;
  readonly ms: number;
}

/** Counts the requests to systems by the class of their answers. Systems are those that jobs name, and so not many. */
export function requestMetrics(monitor: Monitor): (request: Request) => void {
  const registers = [monitor.registry];
  const requests = new Counter({
    name: 'provident_target_requests_total',
    help: 'Requests to target systems by the class of the answer (2xx, 4xx, 429, 5xx) or why there was none',
    labelNames: ['system', 'method', 'outcome'],
    registers,
  });
  const seconds = new Histogram({
    name: 'provident_target_request_seconds',
    help: 'How long requests to target systems take',
    labelNames: ['system'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  return ({ system, method, outcome, ms }) => {
    requests.inc({ system, method, outcome: classOf(outcome) });
    seconds.observe({ system }, ms / 1_000);
  };
}

/** 429 is a class of its own: the target asks for patience. */
export function classOf(outcome: number | string): string {
  if (typeof outcome === 'string' || outcome === 429) return String(outcome);
  return `${Math.floor(outcome / 100)}xx`;
}
