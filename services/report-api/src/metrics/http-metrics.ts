import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Monitor } from '@provident/service-kit';
import { Histogram } from 'prom-client';

/** Measures every request by the route that answered it: paths that nobody serves are one. */
export function measureRequests(adapter: FastifyAdapter, monitor: Monitor): void {
  const seconds = new Histogram({
    name: 'provident_http_request_seconds',
    help: 'How long requests to the API take until the last byte of the answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [monitor.registry],
  });
  adapter.getInstance().addHook('onResponse', async (request, reply) => {
    const route = reply.statusCode === 404 ? 'none' : (request.routeOptions.url ?? 'none');
    seconds.observe({ method: request.method, route, status: `${Math.floor(reply.statusCode / 100)}xx` }, reply.elapsedTime / 1_000);
  });
}
